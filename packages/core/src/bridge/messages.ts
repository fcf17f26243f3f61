import type { ChatErrorCode, ChatSnapshot } from '../chat/chat.ts';
import type { Patch } from './patch.ts';

/** What page and worker say to each other. They are one program in two threads: values are typed, not parsed. */

/** How a verb ended. */
export type CallResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: ChatErrorCode; readonly retryAfter?: number | undefined };

export type PageToWorker =
  | { readonly type: 'hello' }
  | { readonly type: 'call'; readonly id: number; readonly verb: string; readonly input: unknown }
  /** Answers `persist`. */
  | { readonly type: 'persisted'; readonly persisted: boolean }
  | { readonly type: 'close' };

export type WorkerToPage =
  /** Asks the browser to keep the store, which only a page may. */
  | { readonly type: 'persist' }
  /** Relative to the snapshot sent before; to STARTING at first. */
  | { readonly type: 'snapshot'; readonly patch: Patch }
  | { readonly type: 'result'; readonly id: number; readonly result: CallResult };

/** One end of a line between two threads. Messages arrive in order, structurally cloned. */
export interface Port<Out, In> {
  post(message: Out): void;
  /** One handler at a time; messages that came before it are kept for it. */
  onMessage(handler: (message: In) => void): void;
}

/** What is known before the engine has spoken. */
export const STARTING: ChatSnapshot = {
  session: { state: 'starting' },
  connection: 'connecting',
  conversations: [],
  alarms: [],
  storagePersisted: false,
  notices: [],
  relay: undefined,
};
