import { encodeHex } from '@sotto/protocol';
import type { Invite, InviteStore } from '../invite-store.ts';

export interface MemoryInvites extends InviteStore {
  isOpenNow(hash: Uint8Array, now: number): boolean;
  useNow(hash: Uint8Array): void;
}

export function createMemoryInvites(): MemoryInvites {
  const invites = new Map<string, Invite>();
  const isOpenNow = (hash: Uint8Array, now: number): boolean => {
    const invite = invites.get(encodeHex(hash));
    return invite !== undefined && invite.expiresAt > now && invite.used < invite.uses;
  };
  return {
    isOpenNow,
    useNow(hash) {
      const invite = invites.get(encodeHex(hash));
      if (invite !== undefined) invites.set(encodeHex(hash), { ...invite, used: invite.used + 1 });
    },
    async create(invite) {
      invites.set(encodeHex(invite.hash), { ...invite, used: 0 });
    },
    isOpen: async (hash, now) => isOpenNow(hash, now),
    async list(now) {
      return [...invites.values()]
        .filter((invite) => invite.expiresAt > now)
        .sort((a, b) => a.createdAt - b.createdAt);
    },
    async sweep(now) {
      for (const [key, invite] of invites) if (invite.expiresAt <= now) invites.delete(key);
    },
  };
}
