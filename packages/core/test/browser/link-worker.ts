/** One round trip over Socket.IO as a browser's worker makes it: its parser takes and gives other kinds of bytes than Node's. */
import { createFetchHttp } from '../../src/drivers/fetch-http.ts';
import { createSocketLink } from '../../src/drivers/socket-link.ts';

self.addEventListener('message', ({ data: origin }: MessageEvent<string>) => {
  void talk(origin).then((value) => self.postMessage({ value }));
});

/** What the worker saw, each part as it came. */
export interface Talk {
  readonly opened: unknown;
  readonly answer: unknown;
  readonly told: { readonly name: string; readonly value: unknown };
  readonly lost: unknown;
  readonly about: unknown;
}

async function talk(origin: string): Promise<Talk> {
  const link = createSocketLink({ origin });
  const notice = new Promise<Talk['told']>((resolve) =>
    link.onNotice((name, value) => resolve({ name, value })),
  );
  const opened = await link.open('token');
  // A view into a larger buffer: only its own bytes may travel.
  const view = Uint8Array.from({ length: 64 }, (_, at) => at);
  const request = { log: view.subarray(0, 32), token: view.subarray(32), epoch: 2, after: 0, limit: 9 };
  const answer = await link.request('log:read', request as never);
  const told = await notice;
  const lost = link.request('inbox:trim', { upTo: 1 });
  link.close();
  const http = createFetchHttp({ origin });
  return { opened, answer, told, lost: await lost, about: await http.call('about', {}) };
}
