import type { Username } from '@sotto/protocol';
import { describe, expect, it } from 'vitest';
import { createAttempts } from '../../src/auth/attempts.ts';
import { createCounters } from '../../src/auth/counters.ts';
import { networkOf } from '../../src/auth/network.ts';
import { createRateLimiter } from '../../src/auth/rate-limiter.ts';

const setUp = () => {
  const clock = { now: 1_000_000 };
  return { clock, attempts: createAttempts(() => clock.now, 5) };
};
const alice = (address: string) => ({ username: 'alice' as Username, address });

describe('slowing guesses', () => {
  it('[AUTH5] lets waits grow to a quarter of an hour and no further', () => {
    const { clock, attempts } = setUp();
    const waits = [];
    for (let i = 0; i < 20; i++) {
      const wait = attempts.begin(alice('192.0.2.1'));
      if (wait === undefined) continue;
      waits.push(wait);
      clock.now += wait * 1000;
      expect(attempts.begin(alice('192.0.2.1'))).toBeUndefined();
    }
    expect(waits.slice(0, 5)).toEqual([1, 2, 4, 8, 16]);
    expect(Math.max(...waits)).toBe(900);
  });

  it('[AUTH5] never makes the owner wait for what strangers did elsewhere, however many they are', () => {
    const { attempts } = setUp();
    for (let i = 0; i < 5000; i++) attempts.begin(alice(`10.${i >> 8}.${i & 255}.1`));
    expect(attempts.begin(alice('192.0.2.1'))).toBeUndefined();
  });

  it('[AUTH5] makes those who failed there wait sooner and longer while a name is under attack', () => {
    const { attempts } = setUp();
    for (let i = 0; i < 100; i++) attempts.begin(alice(`10.0.${i}.1`));
    expect(attempts.begin(alice('10.0.0.1'))).toBeUndefined();
    expect(attempts.begin(alice('10.0.0.1'))).toBe(4);
  });

  it('[AUTH5] slows one network that tries many names', () => {
    const { attempts } = setUp();
    const tries = Array.from({ length: 31 }, (_, i) =>
      attempts.begin({ username: `name${i}` as Username, address: '192.0.2.1' }),
    );
    expect(tries.filter((wait) => wait !== undefined)).toEqual([1]);
  });

  it('[AUTH5] forgives everything at a success, and forgets after an hour', () => {
    const { clock, attempts } = setUp();
    for (let i = 0; i < 5; i++) attempts.begin(alice('192.0.2.1'));
    attempts.succeed(alice('192.0.2.1'));
    for (let i = 0; i < 5; i++) expect(attempts.begin(alice('192.0.2.1'))).toBeUndefined();
    expect(attempts.begin(alice('192.0.2.1'))).toBe(1);
    clock.now += 3_600_000;
    expect(attempts.begin(alice('192.0.2.1'))).toBeUndefined();
    expect(attempts.begin(alice('192.0.2.1'))).toBeUndefined();
  });

  it('[AUTH5] remembers only so many strangers: those who came longest ago are forgotten', () => {
    const counters = createCounters(() => 0, 3);
    for (const key of ['a', 'b', 'c', 'a', 'd']) counters.add(key, 10);
    expect(['a', 'b', 'c', 'd'].map((key) => counters.read(key).count)).toEqual([2, 0, 1, 1]);
  });
});

it('[AUTH6] a network is an IPv4 address or the half of an IPv6 address that its holder cannot choose', () => {
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1');
  expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1');
  expect(networkOf('2001:DB8:0001::5')).toBe('2001:db8:1:0::/64');
  expect(networkOf('2001:db8:1:0:ffff::')).toBe('2001:db8:1:0::/64');
  expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
  expect(networkOf('::1')).toBe('0:0:0:0::/64');
});

it('[HTTP12] a limiter serves so many in a window, says how long to wait, and does not count what it refused', () => {
  const clock = { now: 0 };
  const limiter = createRateLimiter(() => clock.now);
  const take = () => limiter.take('bob', 2, 60);
  expect([take(), take()]).toEqual([undefined, undefined]);
  clock.now = 15_500;
  expect([take(), take()]).toEqual([45, 45]);
  clock.now = 60_000;
  expect(take()).toBeUndefined();
});
