/** A page for the tabs' tests: the light door of core, in the hands of the test. */
import { type Chat, connectChat } from '../../src/page.ts';
import { scriptUrl } from './script-url.ts';

declare global {
  interface Window {
    chat: Chat;
    worker: Worker;
  }
}

const script = document.querySelector('meta[name=worker]')?.getAttribute('content') ?? '';
window.worker = new Worker(scriptUrl(script), { type: 'module' });
window.chat = connectChat(window.worker);
