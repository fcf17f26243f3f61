import type { ChatSnapshot } from '../chat/chat.ts';
import type { Clock } from '../chat/clock.ts';
import { type CallResult, type PageToWorker, type Port, STARTING, type WorkerToPage } from './messages.ts';
import { createPace } from './pace.ts';
import { makePatch } from './patch.ts';

/** A chat as the worker serves it: an engine of its own, or the engine of another tab. */
export interface ChatSource {
  snapshot(): ChatSnapshot;
  subscribe(listener: () => void): () => void;
  /** Never rejects. `verb` and `input` are parsed by whoever runs them. */
  call(verb: string, input: unknown): Promise<CallResult>;
  close(): Promise<void>;
}

/** A snapshot is sent at most once in this time: a screen shows no more. Milliseconds. */
const FRAME = 16;

/**
 * Serves one page over its port: runs its calls and sends what changed of the snapshot. Before every result goes what
 * led to it, so that a page that saw its call answered also sees what it did.
 */
export function serveChat(port: Port<WorkerToPage, PageToWorker>, source: ChatSource, clock: Clock): void {
  let sent = STARTING;
  const pace = createPace(clock, FRAME, () => {
    const next = source.snapshot();
    const patch = makePatch(sent, next);
    sent = next;
    if (patch !== undefined) port.post({ type: 'snapshot', patch });
  });
  const unsubscribe = source.subscribe(pace.ask);

  async function answer(id: number, verb: string, input: unknown): Promise<void> {
    const result = await source.call(verb, input);
    pace.flush();
    port.post({ type: 'result', id, result });
  }

  port.onMessage((message) => {
    switch (message.type) {
      case 'hello':
        pace.ask();
        break;
      case 'call':
        void answer(message.id, message.verb, message.input);
        break;
      case 'close':
        unsubscribe();
        pace.stop();
        void source.close();
        break;
    }
  });
}
