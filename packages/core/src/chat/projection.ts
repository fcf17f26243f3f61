import { encodeHex } from '@sotto/protocol';
import type { RelayView } from './account-verbs.ts';
import type { ChatSnapshot, ConversationView, PersonView, SessionView } from './chat.ts';
import type { Engine } from './engine.ts';

/** Makes snapshots; whatever did not change keeps its identity. */
export interface Projection {
  snapshot(): ChatSnapshot;
  /** Computes the next snapshot; true when it differs from the last one. */
  update(engine: Engine | undefined, more: MoreState): Promise<boolean>;
}

export interface MoreState {
  readonly starting: boolean;
  readonly storagePersisted: boolean;
  readonly relay: RelayView | undefined;
  /** On somebody else's computer. */
  readonly shared: boolean;
  readonly lockMinutes: number | undefined;
  /** Locked: ids of the passkeys that open it, too. */
  readonly locked: readonly string[] | undefined;
}

export function createProjection(): Projection {
  let current: ChatSnapshot = {
    session: { state: 'starting' },
    connection: 'connecting',
    conversations: [],
    alarms: [],
    storagePersisted: false,
    notices: [],
    relay: undefined,
  };
  return {
    snapshot: () => current,
    async update(engine, more) {
      const next: ChatSnapshot = {
        session: sessionView(engine, more),
        connection: engine?.connection.state() ?? 'connecting',
        conversations: engine === undefined ? [] : await conversationViews(engine),
        alarms: engine?.alarms.list() ?? [],
        storagePersisted: more.storagePersisted,
        notices: engine?.notices.list() ?? [],
        relay: more.relay,
      };
      const shared = share(current, next);
      if (shared === current) return false;
      current = shared;
      return true;
    },
  };
}

function sessionView(engine: Engine | undefined, more: MoreState): SessionView {
  if (more.starting) return { state: 'starting' };
  if (more.locked !== undefined) return { state: 'locked', passkeys: more.locked };
  if (engine === undefined) return { state: 'signed_out' };
  const { username, account, device } = engine.record;
  return {
    state: 'signed_in',
    account: encodeHex(account),
    username,
    device: encodeHex(device),
    ready: engine.ready(),
    shared: more.shared,
    lockMinutes: more.lockMinutes,
  };
}

async function conversationViews({ conversations, contacts }: Engine): Promise<ConversationView[]> {
  const people = new Map<string, PersonView>();
  for (const thread of conversations.list()) people.set(thread.key, await contacts.person(thread.peer));
  // No await from here on: the views of one snapshot are of one moment.
  return conversations
    .list()
    .flatMap((thread) => {
      const peer = people.get(thread.key);
      return peer === undefined ? [] : [{ view: thread.view(peer), time: thread.lastActivity() }];
    })
    .sort((a, b) => b.time - a.time)
    .map(({ view }) => view);
}

/** `next`, with every part that equals its counterpart in `before` taken from there. */
export function share<T>(before: T, next: T): T {
  if (Object.is(before, next)) return before;
  if (Array.isArray(before) && Array.isArray(next)) return shareList(before, next) as T;
  if (!isPlain(before) || !isPlain(next)) return next;
  const names = Object.keys(next);
  const shared: Record<string, unknown> = {};
  let same = names.length === Object.keys(before).length;
  for (const name of names) {
    shared[name] = share(before[name], next[name]);
    if (!Object.is(shared[name], before[name])) same = false;
  }
  return (same ? before : shared) as T;
}

/** Items with a key keep their identity when the list is reordered. */
function shareList(before: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  const byKey = new Map(before.map((item, i) => [keyOf(item) ?? i, item]));
  const shared = next.map((item, i) => share(byKey.get(keyOf(item) ?? i), item));
  const same = before.length === next.length && shared.every((item, i) => Object.is(item, before[i]));
  return same ? before : shared;
}

function keyOf(item: unknown): string | undefined {
  if (!isPlain(item)) return undefined;
  const { key, id } = item;
  return typeof key === 'string' ? key : typeof id === 'string' ? id : undefined;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}
