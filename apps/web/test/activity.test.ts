import { expect, it } from 'vitest';
import { ACTIVITY_PAUSE, createActivity } from '../src/features/lock/activity.ts';

function watch(start: number) {
  const watched = { time: start, passed: 0 };
  const activity = createActivity({
    now: () => watched.time,
    pass: () => {
      watched.passed += 1;
    },
  });
  return { watched, note: activity.note };
}

it('[WEB56] the first sign of use is passed on at once, the next after half a minute', () => {
  const { watched, note } = watch(1_000);
  note();
  expect(watched.passed).toBe(1);
  for (let key = 0; key < 100; key += 1) {
    watched.time += 100;
    note();
  }
  expect(watched.passed).toBe(1);
  watched.time = 1_000 + ACTIVITY_PAUSE;
  note();
  expect(watched.passed).toBe(2);
});

it('[WEB56] a clock that is put back silences nothing', () => {
  const { watched, note } = watch(10_000_000);
  note();
  watched.time = 5;
  note();
  expect(watched.passed).toBe(2);
});
