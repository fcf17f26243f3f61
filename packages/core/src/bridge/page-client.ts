import { type Chat, ChatError, type ChatSnapshot, type VerbName } from '../chat/chat.ts';
import { type CallResult, type PageToWorker, type Port, STARTING, type WorkerToPage } from './messages.ts';
import { applyPatch } from './patch.ts';
import { VERBS } from './verbs.ts';

/** The page's stand-in of the chat. `fail` is for a worker that broke: what waits rejects with `internal`. */
export interface PageChat extends Chat {
  fail(cause: unknown): void;
}

/**
 * Talks to `serveChat` in the worker. The snapshot is STARTING until it answers; unchanged parts keep their identity.
 * `persist` asks the browser to keep the store and tells whether it promised.
 */
export function createPageChat(
  port: Port<PageToWorker, WorkerToPage>,
  persist: () => Promise<boolean>,
): PageChat {
  const listeners = new Set<() => void>();
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let snapshot: ChatSnapshot = STARTING;
  let broken: { readonly cause: unknown } | undefined;
  let calls = 0;

  port.onMessage((message) => {
    switch (message.type) {
      case 'result':
        settle(waiting, message.id, message.result);
        break;
      case 'snapshot':
        snapshot = applyPatch(snapshot, message.patch) as ChatSnapshot;
        for (const listener of [...listeners]) listener();
        break;
      case 'persist':
        void persist().then((persisted) => port.post({ type: 'persisted', persisted }));
        break;
    }
  });
  port.post({ type: 'hello' });

  function call(verb: VerbName, input: unknown): Promise<unknown> {
    if (broken !== undefined) return Promise.reject(new ChatError('internal', broken));
    calls += 1;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(calls, answer);
    port.post({ type: 'call', id: calls, verb, input });
    return answer.promise;
  }

  const verbs = Object.fromEntries(
    (Object.keys(VERBS) as VerbName[]).map((verb) => [verb, (input: unknown) => call(verb, input)]),
  ) as unknown as Pick<Chat, VerbName>;
  return {
    ...verbs,
    snapshot: () => snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      port.post({ type: 'close' });
    },
    fail(cause) {
      broken = { cause };
      for (const id of [...waiting.keys()]) settle(waiting, id, { ok: false, code: 'internal' });
    },
  };
}

function settle(waiting: Map<number, PromiseWithResolvers<unknown>>, id: number, result: CallResult): void {
  const answer = waiting.get(id);
  waiting.delete(id);
  if (result.ok) answer?.resolve(result.value);
  else answer?.reject(new ChatError(result.code, { retryAfter: result.retryAfter }));
}
