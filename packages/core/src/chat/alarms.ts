import { encodeHex } from '@sotto/protocol';
import { collection } from '../store/collections.ts';
import type { SealedStore } from '../store/sealed-store.ts';
import type { AlarmKind, AlarmView, ConversationKey } from './chat.ts';
import type { Clock, Random } from './clock.ts';

const alarms = collection<[id: string], AlarmView>('alarm');

const ACTIONS: Record<AlarmKind, AlarmView['actions']> = {
  // Refusing it is a decision too: the old key stays, and a relay that insists is told of again.
  identity_changed: ['accept_identity', 'dismiss'],
  chain_forked: ['dismiss'],
  chain_truncated: ['dismiss'],
  transcript_mismatch: ['start_over', 'dismiss'],
  history_missing: ['start_over', 'dismiss'],
  entry_refused: ['start_over', 'dismiss'],
};

/**
 * A reset of the own account ends this device too: there is nothing that it could go on with by trusting the new key, and
 * whoever made the reset would be let into every conversation from here.
 */
function actionsOf(kind: AlarmKind, conversation: ConversationKey | undefined): AlarmView['actions'] {
  return conversation === undefined
    ? ACTIONS[kind].filter((action) => action !== 'accept_identity')
    : ACTIONS[kind];
}

/** What happened that must not happen, until the person decides. On disk before anything acts on it. */
export interface Alarms {
  load(): Promise<void>;
  list(): readonly AlarmView[];
  find(id: string): AlarmView | undefined;
  /** One standing alarm of a kind for a conversation or account: the same again changes nothing. */
  raise(
    kind: AlarmKind,
    about: { conversation?: ConversationKey | undefined; account?: Uint8Array | undefined },
  ): Promise<void>;
  remove(id: string): Promise<void>;
  /** Whether sending is stopped: by an alarm of the conversation, or one of the own account. */
  isBlocked(conversation: ConversationKey): boolean;
}

/** @param changed called after the list changed. */
export function createAlarms(deps: {
  readonly store: SealedStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly changed: () => void;
}): Alarms {
  const { store, clock, random, changed } = deps;
  let standing: readonly AlarmView[] = [];
  return {
    async load() {
      const found = await store.range(alarms.range([]));
      standing = found.map(({ value }) => ({
        ...value,
        conversation: value.conversation,
        account: value.account,
        actions: actionsOf(value.kind, value.conversation),
      }));
    },
    list: () => standing,
    find: (id) => standing.find((alarm) => alarm.id === id),
    async raise(kind, { conversation, account }) {
      const hex = account === undefined ? undefined : encodeHex(account);
      const same = (alarm: AlarmView) =>
        alarm.kind === kind && alarm.conversation === conversation && alarm.account === hex;
      if (standing.some(same)) return;
      const id = encodeHex(random(16));
      const actions = actionsOf(kind, conversation);
      const alarm = { id, kind, conversation, account: hex, time: clock.now(), actions };
      standing = [...standing, alarm];
      await store.step([alarms.put([id], alarm)]).catch((thrown: unknown) => {
        // Not on disk: told again, and not taken for told.
        standing = standing.filter((one) => one !== alarm);
        throw thrown;
      });
      changed();
    },
    async remove(id) {
      await store.step([alarms.remove(id)]);
      standing = standing.filter((alarm) => alarm.id !== id);
      changed();
    },
    isBlocked: (conversation) =>
      standing.some((alarm) => alarm.conversation === conversation || alarm.conversation === undefined),
  };
}
