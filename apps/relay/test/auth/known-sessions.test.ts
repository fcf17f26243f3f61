import { beforeEach, expect, it } from 'vitest';
import { createKnownSessions, type KnownSessions } from '../../src/auth/known-sessions.ts';
import type { SessionId } from '../../src/store/session-store.ts';

const alice = new Uint8Array(16).fill(1) as SessionId;
const bob = new Uint8Array(16).fill(2) as SessionId;
const pair = (byte: number) => new Uint8Array(32).fill(byte);

let now: number;
let reliable: boolean;
let known: KnownSessions;
beforeEach(() => {
  now = 1_000_000;
  reliable = true;
  known = createKnownSessions({ clock: () => now, reliable: () => reliable, capacity: 3 });
});

it('[AUTH64] what the store answered is believed for a minute while every ending is heard, for a second when not', () => {
  known.add(alice, pair(1), now);
  now += 59_999;
  expect(known.has(alice, pair(1))).toBe(true);
  reliable = false;
  expect(known.has(alice, pair(1))).toBe(false);
  known.add(alice, pair(1), now);
  now += 999;
  expect(known.has(alice, pair(1))).toBe(true);
  now += 1;
  expect(known.has(alice, pair(1))).toBe(false);
  reliable = true;
  expect(known.has(alice, pair(1))).toBe(true);
  now += 59_000;
  expect(known.has(alice, pair(1))).toBe(false);
});

it('[AUTH64] a clock that was put back makes nothing good for longer', () => {
  known.add(alice, pair(1), now);
  now -= 3_600_000;
  expect(known.has(alice, pair(1))).toBe(false);
});

it('[AUTH12] what ended is not believed, nor is an answer that it overtook', () => {
  known.add(alice, pair(1), now);
  known.add(bob, pair(2), now);
  const before = known.endings();
  known.forget(alice);
  expect(known.endings()).not.toBe(before);
  expect([known.has(alice, pair(1)), known.has(bob, pair(2))]).toEqual([false, true]);
});

it('[AUTH66] when endings may have been missed, nothing is believed', () => {
  known.add(alice, pair(1), now);
  const before = known.endings();
  known.forgetAll();
  expect(known.endings()).not.toBe(before);
  expect(known.has(alice, pair(1))).toBe(false);
});

it('[AUTH9] holds the pair in use and the one before, of a bounded number of sessions', () => {
  for (const byte of [1, 2, 3]) known.add(alice, pair(byte), now);
  expect([1, 2, 3].map((byte) => known.has(alice, pair(byte)))).toEqual([false, true, true]);
  for (let byte = 10; byte < 20; byte++) known.add(new Uint8Array(16).fill(byte) as SessionId, pair(1), now);
  expect(known.has(alice, pair(3))).toBe(false);
});
