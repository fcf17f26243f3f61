import { createShell } from './shell.ts';

/** What a service worker's events have, as far as this one uses them; the DOM types describe pages only. */
interface LifeEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

// The composition root of the offline shell. The build puts the list of files in the place of these two texts.
const shell = createShell({
  caches,
  fetch: (request) => fetch(request),
  origin: location.origin,
  files: JSON.parse('__SHELL_FILES__') as string[],
  version: '__SHELL_VERSION__',
});

addEventListener('install', (event) => (event as LifeEvent).waitUntil(shell.install()));
addEventListener('activate', (event) => (event as LifeEvent).waitUntil(shell.activate()));
addEventListener('fetch', (event) => {
  const { request, respondWith } = event as FetchEvent;
  const answer = shell.answer(request);
  if (answer !== undefined) respondWith.call(event, answer);
});
