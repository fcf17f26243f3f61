import { type Entry, encodeRun } from '@sotto/protocol';
import { expect, it } from 'vitest';
import type { RelayLink } from '../../src/link/relay-link.ts';

/** The relay's end of a link, as a test plays it: it may say anything. */
export interface ScriptedRelay {
  /** Undefined accepts. */
  handshake(auth: { readonly token: unknown; readonly protocol: unknown }): string | undefined;
  /** A promise that never resolves plays a relay that takes a request and falls silent. */
  handle(name: string, request: unknown): Promise<unknown>;
}

/** What a driver's test brings: a link whose other end is the script. */
export interface LinkUnderTest {
  readonly link: RelayLink;
  /** Sends a notice to every open connection. */
  push(name: string, notice: unknown): void;
  /** Cuts every connection from the relay's side. */
  cut(): void;
  stop(): Promise<void>;
}

export type StartLink = (script: ScriptedRelay) => Promise<LinkUnderTest>;

const log = new Uint8Array(32).fill(7);
const token = new Uint8Array(32).fill(9);
const read = { log, epoch: 3, token, after: 41, limit: 10 } as never;
const entry = {
  seq: 42,
  time: 1_700_000_000_000,
  id: new Uint8Array(16),
  epoch: 3,
  kind: 'message',
} as const;
const run = encodeRun([{ ...entry, body: Uint8Array.of(1, 2, 3) } as unknown as Entry]);
const never = new Promise<never>(() => undefined);
const silent: ScriptedRelay = { handshake: () => undefined, handle: () => never };

/** What every driver of RelayLink does. */
export function runLinkContract(start: StartLink): void {
  it('[VAULT20] carries a request as it is and its ack back, bytes as bytes', async () => {
    const seen: unknown[] = [];
    const answer = { ok: true, run, head: { epoch: 3, seq: 42 } };
    const { link, stop } = await start({
      handshake: () => undefined,
      handle: async (name, request) => {
        seen.push([name, plain(request)]);
        return answer;
      },
    });
    expect(await link.open('token')).toEqual({ ok: true });
    const ack = await link.request('log:read', read);
    expect(seen).toEqual([['log:read', read]]);
    expect(plain(ack)).toEqual(answer);
    await stop();
  });

  it('[VAULT20] shows token and protocol version in the handshake, and tells why it was refused', async () => {
    const seen: unknown[] = [];
    const { link, stop } = await start({
      ...silent,
      handshake: (auth) => {
        seen.push(auth);
        return auth.token === 'good' ? undefined : String(auth.token);
      },
    });
    expect(await link.open('unauthorized')).toEqual({ ok: false, code: 'unauthorized' });
    expect(await link.open('version_unsupported')).toEqual({ ok: false, code: 'version_unsupported' });
    expect(await link.open('some nonsense of a gateway')).toEqual({ ok: false, code: 'offline' });
    expect(await link.request('log:read', read)).toEqual({ ok: false, code: 'offline' });
    expect(await link.open('good')).toEqual({ ok: true });
    expect(seen[0]).toEqual({ token: 'unauthorized', protocol: 1 });
    await stop();
  });

  it('[VAULT21] lets only acks of the protocol through', async () => {
    const acks: unknown[] = [
      { ok: true, seq: 1, time: 2, more: 3 },
      { ok: true },
      'yes',
      undefined,
      { ok: false, code: 'no_such_code' },
      { ok: true, seq: -1, time: 2 },
      { ok: true, seq: 2 ** 60, time: 2 },
    ];
    let at = 0;
    const { link, stop } = await start({ handshake: () => undefined, handle: async () => acks[at++] });
    await link.open('token');
    for (const ack of acks) {
      const answer = await link.request('log:append', {} as never);
      expect(answer, String(ack)).toEqual({ ok: false, code: 'malformed_answer' });
    }
    await stop();
  });

  it('[VAULT21] gives refusals of the catalogue as values, with retryAfter and head', async () => {
    const moved = { ok: false, code: 'epoch_moved', head: { epoch: 4, seq: 9 } };
    const limited = { ok: false, code: 'rate_limited', retryAfter: 2 };
    const { link, stop } = await start({
      handshake: () => undefined,
      handle: async (name) => (name === 'log:append' ? moved : limited),
    });
    await link.open('token');
    expect(await link.request('log:append', {} as never)).toEqual(moved);
    expect(await link.request('log:read', read)).toEqual(limited);
    await stop();
  });

  it('[VAULT21] hands on notices of the protocol and drops all others', async () => {
    const { link, push, stop } = await start(silent);
    const seen: unknown[] = [];
    const last = Promise.withResolvers<void>();
    link.onNotice((name, notice) => {
      seen.push([name, plain(notice)]);
      if (name === 'keys:low') last.resolve();
    });
    await link.open('token');
    push('log:entries', { log, run });
    push('log:entries', { log, run, more: 1 });
    push('log:entries', { log: log.subarray(1), run });
    push('toString', {});
    push('keys:low', { left: -1 });
    push('keys:low', { left: 3 });
    await last.promise;
    expect(seen).toEqual([
      ['log:entries', { log, run }],
      ['keys:low', { left: 3 }],
    ]);
    await stop();
  });

  it('[VAULT22] answers offline to a request whose connection goes down before the ack, and says so once', async () => {
    const taken = Promise.withResolvers<void>();
    const { link, cut, stop } = await start({ ...silent, handle: taking(taken) });
    const down = Promise.withResolvers<void>();
    let downs = 0;
    link.onDown(() => {
      downs += 1;
      down.resolve();
    });
    await link.open('token');
    const answer = link.request('log:read', read);
    await taken.promise;
    cut();
    expect(await answer).toEqual({ ok: false, code: 'offline' });
    await down.promise;
    expect(await link.request('log:read', read)).toEqual({ ok: false, code: 'offline' });
    expect(await link.open('token')).toEqual({ ok: true });
    expect(downs).toBe(1);
    await stop();
  });

  it('[VAULT22] closes without calling it a loss, and lets waiting requests go', async () => {
    const taken = Promise.withResolvers<void>();
    const { link, stop } = await start({ ...silent, handle: taking(taken) });
    let downs = 0;
    link.onDown(() => {
      downs += 1;
    });
    expect(await link.request('log:read', read)).toEqual({ ok: false, code: 'offline' });
    await link.open('token');
    const answer = link.request('log:read', read);
    await taken.promise;
    link.close();
    expect(await answer).toEqual({ ok: false, code: 'offline' });
    await stop();
    expect(downs).toBe(0);
  });
}

/** Takes a request and falls silent. */
function taking(taken: PromiseWithResolvers<void>): ScriptedRelay['handle'] {
  return () => {
    taken.resolve();
    return never;
  };
}

/** Buffers compare as what they hold. */
function plain(value: unknown): unknown {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}
