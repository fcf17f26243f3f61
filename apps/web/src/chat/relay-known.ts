import type { Chat, RelayView } from '@sotto/core/page';

/** How long a person is kept waiting for what the relay says of itself. Milliseconds. */
const PATIENCE = 5_000;

/** What the relay says of itself, as soon as it was reached; undefined when that takes too long. */
export function relayKnown(chat: Pick<Chat, 'snapshot' | 'subscribe'>): Promise<RelayView | undefined> {
  const known = chat.snapshot().relay;
  if (known !== undefined) return Promise.resolve(known);
  return new Promise((resolve) => {
    const answer = () => {
      clearTimeout(timer);
      stop();
      resolve(chat.snapshot().relay);
    };
    const timer = setTimeout(answer, PATIENCE);
    const stop = chat.subscribe(() => {
      if (chat.snapshot().relay !== undefined) answer();
    });
  });
}
