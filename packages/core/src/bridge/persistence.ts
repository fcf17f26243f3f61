import type { Clock } from '../chat/clock.ts';
import type { PageToWorker, Port, WorkerToPage } from './messages.ts';

/** A page that does not answer, because it is frozen or gone, must not keep the engine from starting. Milliseconds. */
const PATIENCE = 1000;

/**
 * The worker's port, and beside it the one question that the worker asks: only a page may ask the browser to keep the
 * store. False when it refused or did not answer in time.
 */
export function createPersistence(
  port: Port<WorkerToPage, PageToWorker>,
  clock: Clock,
): { readonly port: Port<WorkerToPage, PageToWorker>; ask(): Promise<boolean> } {
  let answer: (persisted: boolean) => void = () => undefined;
  return {
    port: {
      post: port.post,
      onMessage: (handler) =>
        port.onMessage((message) => {
          if (message.type === 'persisted') answer(message.persisted);
          else handler(message);
        }),
    },
    ask() {
      return new Promise((resolve) => {
        answer = resolve;
        clock.after(PATIENCE, () => resolve(false));
        port.post({ type: 'persist' });
      });
    },
  };
}
