import { encodeHex } from '@sotto/protocol';
import type { MailStore, WaitingMail } from '../mail-store.ts';

export function createMemoryMail(): MailStore {
  const waiting = new Map<string, WaitingMail & { readonly attempt: number }>();
  return {
    async put(mail) {
      waiting.set(encodeHex(mail.id), { ...mail, attempt: 0 });
    },
    async take(now, again) {
      const [first] = [...waiting.values()]
        .filter((mail) => mail.dueAt <= now && mail.expiresAt > now)
        .sort((a, b) => a.dueAt - b.dueAt);
      if (first === undefined) return undefined;
      const taken = { ...first, dueAt: again, attempt: first.attempt + 1 };
      waiting.set(encodeHex(first.id), taken);
      return taken;
    },
    async postpone(id, dueAt) {
      const mail = waiting.get(encodeHex(id));
      if (mail !== undefined) waiting.set(encodeHex(id), { ...mail, dueAt });
    },
    async remove(id) {
      waiting.delete(encodeHex(id));
    },
    async sweep(now) {
      for (const [key, mail] of waiting) if (mail.expiresAt <= now) waiting.delete(key);
    },
  };
}
