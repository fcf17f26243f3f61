import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLiveChecks, type LiveChecks } from '../../src/auth/live-checks.ts';
import { createLocalRevocations, type Endings } from '../../src/auth/revocations.ts';
import type { Log } from '../../src/log.ts';
import { StoreError } from '../../src/store/store-error.ts';

const id = (byte: number) => new Uint8Array(16).fill(byte);
const log: Log = { info: () => {}, warn: () => {}, error: () => {} };

let reliable: boolean;
let gone: Set<number>;
let asked: number;
let cut: number[];
let live: Uint8Array[];
let tell: (endings: Endings) => void;
let checks: LiveChecks;
let broken: boolean;
beforeEach(() => {
  vi.useFakeTimers();
  [reliable, gone, asked, cut, live, broken] = [true, new Set(), 0, [], [id(1), id(2)], false];
  checks = createLiveChecks({
    store: {
      async isOpen(session) {
        asked += 1;
        if (broken) throw new StoreError('unavailable');
        return !gone.has(session[0] ?? 0);
      },
    },
    revocations: {
      ...createLocalRevocations(),
      reliable: () => reliable,
      subscribe(handler) {
        tell = handler;
        return () => {};
      },
    },
    listSessions: () => live,
    onEnded: (session) => void cut.push(session[0] ?? 0),
    clock: Date.now,
    log,
  });
});
afterEach(() => {
  checks.stop();
  vi.useRealTimers();
});

it('[AUTH67] live connections are asked about every five seconds while endings may go unheard, else every minute', async () => {
  gone.add(2);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(asked).toBe(0);
  await vi.advanceTimersByTimeAsync(1000);
  expect([asked, cut]).toEqual([2, [2]]);
  live = [id(1)];
  gone.add(1);
  reliable = false;
  await vi.advanceTimersByTimeAsync(4999);
  expect(cut).toEqual([2]);
  await vi.advanceTimersByTimeAsync(1);
  expect(cut).toEqual([2, 1]);
});

it('[AUTH67] and at once when some may have been missed, also while a round is under way', async () => {
  const first = checks.check();
  gone.add(1);
  tell('missed');
  await first;
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toBe(4);
  expect(cut).toContain(1);
});

it('[AUTH67] a store that does not answer ends nobody', async () => {
  broken = true;
  await checks.check();
  expect(cut).toEqual([]);
  broken = false;
  gone.add(1);
  await checks.check();
  expect(cut).toEqual([1]);
});
