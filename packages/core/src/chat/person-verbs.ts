import { decodeHex, encodeHex, username as usernameShape } from '@sotto/protocol';
import { ChatError, type Verbs } from './chat.ts';
import type { Engine } from './engine.ts';
import type { Runtime } from './runtime.ts';

/** Who one talks with, and what the relay did that the person has to decide about. */
export function personVerbs(runtime: Runtime) {
  const { engine, changed } = runtime;
  return {
    async findPeople({ name }) {
      const text = name.trim().toLowerCase();
      if (text === '') return await engine().contacts.list();
      return usernameShape.safeParse(text).success ? await engine().contacts.find(text) : [];
    },
    async openDirect({ account, username }) {
      const { contacts, conversations, record } = engine();
      const peer = decodeHex(account);
      if (peer?.length !== 16 || account === encodeHex(record.account)) throw new ChatError('not_found');
      await contacts.meet(peer, username);
      return (await conversations.open(peer)).key;
    },
    safetyNumber: ({ account }) => engine().contacts.safetyNumber(account),
    async setVerified({ account, verified }) {
      await engine().contacts.setVerified(account, verified);
      changed();
    },
    async resolveAlarm({ alarm, action }) {
      await resolveAlarm(engine(), alarm, action);
      changed();
    },
  } satisfies Partial<Verbs>;
}

/** What the person decided about an alarm. One that is gone is resolved already. */
async function resolveAlarm(
  { alarms, pins, conversations }: Engine,
  id: string,
  action: Parameters<Verbs['resolveAlarm']>[0]['action'],
): Promise<void> {
  const found = alarms.find(id);
  if (found === undefined) return;
  if (!found.actions.includes(action)) throw new ChatError('blocked');
  const account = decodeHex(found.account ?? '');
  const thread = conversations.find(found.conversation ?? '');
  if (action === 'accept_identity' && account !== undefined) await pins.acceptReset(account);
  if (action === 'dismiss' && found.kind === 'identity_changed' && account !== undefined)
    await pins.refuseReset(account);
  if (action === 'start_over') await thread?.startOver();
  await alarms.remove(id);
  if (action === 'accept_identity') await conversations.inbox.retryHeld();
  thread?.review();
}
