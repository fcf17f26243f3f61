import { expect, it } from 'vitest';
import { createIdleLock } from '../../src/chat/idle-lock.ts';
import { createManualClock } from '../bridge/manual-clock.ts';

const MINUTE = 60_000;

function setUp(minutes: number) {
  const clock = createManualClock();
  let sleeping = 0;
  let locked = 0;
  const lock = createIdleLock({ now: () => clock.now() + sleeping, after: clock.after }, () => {
    locked += 1;
  });
  lock.arm(minutes);
  return {
    clock,
    lock,
    locks: () => locked,
    /** Time passes, and no timer with it. */
    sleep(ms: number) {
      sleeping += ms;
    },
  };
}

it('[VAULT46] locks once when nobody used the app for so long, and every use begins the time anew', async () => {
  const { clock, lock, locks } = setUp(5);
  for (let minute = 0; minute < 20; minute += 4) {
    await clock.advance(4 * MINUTE);
    lock.noteActivity();
  }
  await clock.advance(5 * MINUTE - 1);
  expect(locks()).toBe(0);
  await clock.advance(1);
  expect(locks()).toBe(1);
  await clock.advance(60 * MINUTE);
  lock.noteActivity();
  expect(locks()).toBe(1);
  expect(lock.minutes()).toBeUndefined();
});

it('[VAULT46] a computer that slept is locked by the first sign of use, before any timer', async () => {
  const { clock, lock, locks, sleep } = setUp(5);
  await clock.advance(MINUTE);
  sleep(8 * 60 * MINUTE);
  lock.noteActivity();
  expect(locks()).toBe(1);
});

it('[VAULT46] a clock that is put back leaves nobody waiting longer than the time, and no lock means none', async () => {
  const { clock, lock, locks, sleep } = setUp(5);
  sleep(-24 * 60 * MINUTE);
  await clock.advance(5 * MINUTE);
  await clock.advance(5 * MINUTE);
  expect(locks()).toBe(1);
  lock.arm(undefined);
  await clock.advance(24 * 60 * MINUTE);
  expect(locks()).toBe(1);
});
