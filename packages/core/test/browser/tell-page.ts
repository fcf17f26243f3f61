/** A page for the workers' tests: starts one, tells it something, gives back its first answer. */
import { scriptUrl } from './script-url.ts';

declare global {
  interface Window {
    tell(script: string, message: unknown): Promise<{ readonly value?: unknown; readonly error?: unknown }>;
  }
}

window.tell = (script, message) =>
  new Promise((resolve) => {
    const worker = new Worker(scriptUrl(script), { type: 'module' });
    worker.addEventListener('message', ({ data }) => resolve(data));
    worker.addEventListener('error', (event) => resolve({ error: event.message }));
    worker.postMessage(message);
  });
