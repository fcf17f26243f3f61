import { describe, expect, it } from 'vitest';
import { createShell } from '../src/shell/shell.ts';

const origin = 'https://chat.example';

/** A cache storage in memory, as far as the shell uses one, and a relay that can be away. */
function browser() {
  const stores = new Map<string, Map<string, Response>>();
  const relay = { isThere: true, asked: [] as string[] };
  const fetch = async (request: Request | string) => {
    const path = new URL(typeof request === 'string' ? request : request.url, origin).pathname;
    relay.asked.push(path);
    if (!relay.isThere) throw new TypeError('failed to fetch');
    return new Response(`fresh ${path}`);
  };
  const open = async (name: string) => {
    const files = stores.get(name) ?? new Map<string, Response>();
    stores.set(name, files);
    const addAll = async (paths: string[]) => {
      for (const path of paths) files.set(path, new Response(`kept ${path}`));
    };
    return { addAll, match: async (path: string) => files.get(path)?.clone() } as unknown as Cache;
  };
  const caches = {
    open,
    keys: async () => [...stores.keys()],
    delete: async (name: string) => stores.delete(name),
  };
  const shellOf = (version: string) =>
    createShell({ caches, fetch, origin, files: ['/', '/assets/a.js', '/icon.svg'], version });
  return { relay, stores, shellOf };
}

const get = (path: string, mode: RequestMode = 'cors') => ({ method: 'GET', mode, url: origin + path });
const text = async (answer: Promise<Response> | undefined) => (await answer)?.text();

describe('the shell that opens without the relay', () => {
  it('[WEB23] gives the page and its files when there is no relay', async () => {
    const { relay, shellOf } = browser();
    const shell = shellOf('1');
    await shell.install();
    relay.isThere = false;
    expect(await text(shell.answer(get('/', 'navigate')))).toBe('kept /');
    expect(await text(shell.answer(get('/assets/a.js')))).toBe('kept /assets/a.js');
  });

  it('[WEB23] asks the relay for the page while there is one, and for no file that is kept', async () => {
    const { relay, shellOf } = browser();
    const shell = shellOf('1');
    await shell.install();
    expect(await text(shell.answer(get('/', 'navigate')))).toBe('fresh /');
    expect(await text(shell.answer(get('/assets/a.js')))).toBe('kept /assets/a.js');
    expect(relay.asked).toEqual(['/']);
  });

  it.each([
    ['a route of the relay', get('/users?name=bob')],
    ['a file of another build', get('/assets/b.js')],
    ['another origin', { method: 'GET', mode: 'cors' as const, url: 'https://evil.example/assets/a.js' }],
    ['a POST', { method: 'POST', mode: 'cors' as const, url: `${origin}/` }],
    ['the page as data', get('/')],
  ])('[WEB24] answers nothing for %s', async (_what, request) => {
    const { shellOf } = browser();
    const shell = shellOf('1');
    await shell.install();
    expect(shell.answer(request)).toBeUndefined();
  });

  it('[WEB23] forgets the files of other builds, and nothing else', async () => {
    const { stores, shellOf } = browser();
    stores.set('something-else', new Map());
    await shellOf('1').install();
    await shellOf('2').install();
    await shellOf('2').activate();
    expect([...stores.keys()].sort()).toEqual(['something-else', 'sotto-shell-2']);
  });

  it('[WEB23] a page that was never kept fails as without a shell', async () => {
    const { relay, shellOf } = browser();
    relay.isThere = false;
    await expect(shellOf('1').answer(get('/', 'navigate'))).rejects.toThrow('failed to fetch');
  });
});
