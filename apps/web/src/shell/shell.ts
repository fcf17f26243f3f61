/** What the shell needs of a browser's cache: one named cache at a time. */
export interface ShellDeps {
  readonly caches: Pick<CacheStorage, 'open' | 'keys' | 'delete'>;
  readonly fetch: (request: Request | string) => Promise<Response>;
  readonly origin: string;
  /** Paths of every file of this build, `/` first. */
  readonly files: readonly string[];
  /** Changes with any of the files. */
  readonly version: string;
}

/** Keeps the page's own files so that it opens without the relay. Only those: no route of the relay is ever answered here. */
export interface Shell {
  install(): Promise<void>;
  /** Forgets the files of other builds. */
  activate(): Promise<void>;
  /** The answer for a request, or undefined when it is not the shell's to answer. */
  answer(request: Pick<Request, 'method' | 'mode' | 'url'>): Promise<Response> | undefined;
}

const PREFIX = 'sotto-shell-';

export function createShell({ caches, fetch, origin, files, version }: ShellDeps): Shell {
  const name = PREFIX + version;
  const known = new Set(files);
  const kept = async (path: string) => (await caches.open(name)).match(path);

  /** The relay's own page first, so that a new build shows at the next load; the kept one when there is no relay. */
  const answerPage = async () => {
    try {
      return await fetch('/');
    } catch (error) {
      const page = await kept('/');
      if (page === undefined) throw error;
      return page;
    }
  };

  return {
    async install() {
      await (await caches.open(name)).addAll([...files]);
    },
    async activate() {
      const old = (await caches.keys()).filter((other) => other.startsWith(PREFIX) && other !== name);
      await Promise.all(old.map((other) => caches.delete(other)));
    },
    answer(request) {
      const { pathname, origin: target } = new URL(request.url);
      if (request.method !== 'GET' || target !== origin || !known.has(pathname)) return undefined;
      if (pathname === '/') return request.mode === 'navigate' ? answerPage() : undefined;
      return kept(pathname).then((file) => file ?? fetch(request.url));
    },
  };
}
