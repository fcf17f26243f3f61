import type { AccountId, DeviceId, Entry, LogId, NoticeName, NoticeOf } from '@sotto/protocol';

/** A notice that holds all there is to say. Lost when it is not heard: devices look again when they connect. */
interface NoticeHint {
  readonly kind: 'notice';
  readonly account: AccountId;
  /** Undefined: for all devices of the account. */
  readonly device: DeviceId | undefined;
  readonly name: NoticeName;
  readonly notice: NoticeOf<NoticeName>;
}

/** A log has come to `seq`. */
export interface LogHint {
  readonly kind: 'log';
  readonly log: LogId;
  readonly seq: number;
  /** The last of them, durable and in their order, the one at `seq` too; empty where the teller has none in hand: they are read. */
  readonly entries: readonly Entry[];
}

interface InboxHint {
  readonly kind: 'inbox';
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly seq: number;
}

/** What one node tells the others: that there is more in the store, and of a log what there is more. */
export type Hint = LogHint | InboxHint | NoticeHint;

/**
 * How nodes that share a store tell each other that it has more. The store has the truth: a hint is how that is heard at
 * once. Hints may come twice, late, or for what is past. What they hold is another node's word, and nobody else's.
 */
export interface Hints {
  /** Tells the other nodes soon; kept, without entries, while they cannot be reached. Never throws. */
  publish(hint: Hint): void;
  /** What others tell, or `missed`: some may have gone unheard. The answer calls it off. */
  subscribe(handler: (heard: Hint | 'missed') => void): () => void;
  /** Whether this node hears of everything now; if not, it has to read by itself what it wants to know. */
  readonly reliable: () => boolean;
  close(): Promise<void>;
}

/** For nodes that share a store and nothing else: none hears of another. */
export function createUnheardHints(): Hints {
  return { publish() {}, subscribe: () => () => {}, reliable: () => false, close: async () => {} };
}
