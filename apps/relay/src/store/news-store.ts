import type { LogId } from '@sotto/protocol';
import type { InboxAddress } from './inbox-store.ts';

/** How far a node has read a log, or a log has come. */
export interface LogPosition {
  readonly log: LogId;
  readonly seq: number;
}

/** The same of an inbox. */
export interface InboxPosition extends InboxAddress {
  readonly seq: number;
}

/**
 * For nodes that share a store: what went on elsewhere, asked about many at once. Answers those of `read` alone that have
 * more, each with a position past the given one. Rejects when the store cannot say.
 */
export interface NewsStore {
  findLogNews(read: readonly LogPosition[]): Promise<readonly LogPosition[]>;
  findInboxNews(read: readonly InboxPosition[]): Promise<readonly InboxPosition[]>;
}
