import type { CallResult } from './messages.ts';
import { isVerbName, VERBS } from './verbs.ts';

export interface PendingCall {
  readonly id: number;
  readonly verb: string;
  readonly input: unknown;
}

/** Calls of one tab that wait for an answer, whoever leads meanwhile. */
export interface PendingCalls {
  add(verb: string, input: unknown): { readonly call: PendingCall; readonly result: Promise<CallResult> };
  /** The first result counts; later ones are dropped. */
  finish(id: number, read: (verb: string) => CallResult): void;
  /** A copy, oldest first. */
  all(): PendingCall[];
}

export function createPendingCalls(): PendingCalls {
  const waiting = new Map<number, PendingCall & { resolve(result: CallResult): void }>();
  let last = 0;
  return {
    add(verb, input) {
      last += 1;
      const { promise, resolve } = Promise.withResolvers<CallResult>();
      const call = { id: last, verb, input, resolve };
      waiting.set(last, call);
      return { call, result: promise };
    },
    finish(id, read) {
      const call = waiting.get(id);
      if (call === undefined) return;
      waiting.delete(id);
      call.resolve(read(call.verb));
    },
    all: () => [...waiting.values()],
  };
}

/** Whether only the tab where it was asked may run it. */
export function runsHere(verb: string): boolean {
  return isVerbName(verb) && VERBS[verb].runs === 'here';
}
