import type { Username } from '@sotto/protocol';
import { describe, expect, it } from 'vitest';
import { createAttempts } from '../../src/auth/attempts.ts';
import { networkOf, siteOf } from '../../src/auth/network.ts';
import { createRateLimiter } from '../../src/auth/rate-limiter.ts';
import { createMemoryCounters } from '../../src/store/memory/counters.ts';

const setUp = () => {
  const clock = { now: 1_000_000 };
  const counters = createMemoryCounters();
  const attempts = createAttempts({ counters, clock: () => clock.now, freeAttempts: 5, codeTries: 5 });
  return { clock, attempts };
};
const alice = (address: string) => ({ username: 'alice' as Username, address });
const HOME = alice('192.0.2.1');

describe('slowing guesses', () => {
  it('[AUTH5] lets waits grow to a quarter of an hour and no further', async () => {
    const { clock, attempts } = setUp();
    const waits = [];
    for (let i = 0; i < 20; i++) {
      const wait = await attempts.begin(HOME);
      if (wait === undefined) continue;
      waits.push(wait);
      clock.now += wait * 1000;
      expect(await attempts.begin(HOME)).toBeUndefined();
    }
    expect(waits.slice(0, 5)).toEqual([1, 2, 4, 8, 16]);
    expect(Math.max(...waits)).toBe(900);
  });

  it('[AUTH86] holds nobody up for what was counted before the clock went back by a day, and counts on', async () => {
    const { clock, attempts } = setUp();
    const day = 24 * 3600 * 1000;
    clock.now += day;
    for (let i = 0; i < 5; i++) expect(await attempts.begin(HOME)).toBeUndefined();
    expect(await attempts.begin(HOME)).toBe(1);
    clock.now -= day;
    expect(await attempts.begin(HOME)).toBeUndefined();
    expect(await attempts.begin(HOME)).toBe(2);
    // Clocks of nodes may be somewhat apart: a failure that another node counted a minute ahead is one.
    clock.now -= 60_000;
    expect(await attempts.begin(HOME)).toBe(62);
  });

  it('[AUTH86] begins a window anew that began before the clock went back, and none that another node began', async () => {
    const clock = { now: 1_000_000 };
    const limiter = createRateLimiter(createMemoryCounters(), () => clock.now);
    const take = () => limiter.take('carol', 2, 60);
    clock.now += 3_600_000;
    expect([await take(), await take(), await take()]).toEqual([undefined, undefined, 60]);
    clock.now -= 30_000;
    expect(await take()).toBe(90);
    clock.now -= 3_570_000;
    expect([await take(), await take(), await take()]).toEqual([undefined, undefined, 60]);
  });

  it('[AUTH5] lets no more through when fifty come at the same moment', async () => {
    const { clock, attempts } = setUp();
    const rush = () => Promise.all(Array.from({ length: 50 }, () => attempts.begin(HOME)));
    expect((await rush()).filter((wait) => wait === undefined)).toHaveLength(5);
    clock.now += 1000;
    const second = await rush();
    expect(second.filter((wait) => wait === undefined)).toHaveLength(1);
  });

  it('[AUTH5] never makes the owner wait for what strangers did elsewhere, however many they are', async () => {
    const { attempts } = setUp();
    for (let i = 0; i < 5000; i++) await attempts.begin(alice(`10.${i >> 8}.${i & 255}.1`));
    expect(await attempts.begin(HOME)).toBeUndefined();
  });

  it('[AUTH5] makes those who failed there wait sooner and longer while a name is under attack', async () => {
    const { attempts } = setUp();
    for (let i = 0; i < 100; i++) await attempts.begin(alice(`10.0.${i}.1`));
    expect(await attempts.begin(alice('10.0.0.1'))).toBeUndefined();
    expect(await attempts.begin(alice('10.0.0.1'))).toBe(4);
  });

  it('[AUTH5] and while everybody is: a thousand failures in a minute, whatever the names', async () => {
    const { clock, attempts } = setUp();
    const bob = { username: 'bob' as Username, address: '10.0.0.1' };
    for (let i = 0; i < 3; i++) await attempts.begin(bob);
    for (let i = 0; i < 1000; i++) {
      await attempts.begin({ username: `name${i}` as Username, address: `10.${i >> 8}.${i & 255}.2` });
    }
    expect(await attempts.begin(bob)).toBe(8);
    expect(await attempts.begin(HOME)).toBeUndefined();
    clock.now += 60_000;
    expect(await attempts.begin(bob)).toBeUndefined();
  });

  it('[AUTH82] takes the many networks that one customer has in IPv6 for one, at one name', async () => {
    const { attempts } = setUp();
    let passed = 0;
    for (let i = 0; i < 300; i++) {
      if ((await attempts.begin(alice(`2001:db8:7:${i.toString(16)}::1`))) === undefined) passed += 1;
    }
    expect(passed).toBe(5);
    expect(await attempts.begin(alice('2001:db8:8::1'))).toBeUndefined();
    expect(
      await attempts.begin({ ...alice('2001:db8:7:1::1'), username: 'bob' as Username }),
    ).toBeUndefined();
  });

  it('[AUTH5] slows one network that tries many names', async () => {
    const { attempts } = setUp();
    const waits = [];
    for (let i = 0; i < 31; i++) {
      waits.push(await attempts.begin({ username: `name${i}` as Username, address: '192.0.2.1' }));
    }
    expect(waits.filter((wait) => wait !== undefined)).toEqual([1]);
  });

  it('[AUTH5] forgives everything at a success, and forgets after an hour', async () => {
    const { clock, attempts } = setUp();
    for (let i = 0; i < 5; i++) await attempts.begin(HOME);
    await attempts.succeed(HOME);
    for (let i = 0; i < 5; i++) expect(await attempts.begin(HOME)).toBeUndefined();
    expect(await attempts.begin(HOME)).toBe(1);
    clock.now += 3_600_000;
    expect(await attempts.begin(HOME)).toBeUndefined();
    expect(await attempts.begin(HOME)).toBeUndefined();
  });

  it('[AUTH22] counts a wrong code as one failure more, and lets a ticket have one try from fifty in an hour on', async () => {
    const { clock, attempts } = setUp();
    await attempts.begin(HOME);
    for (let i = 0; i < 4; i++) await attempts.failCode(HOME);
    expect(await attempts.begin(HOME)).toBe(1);
    for (let i = 0; i < 45; i++) await attempts.failCode(alice(`10.0.${i}.1`));
    expect(await attempts.codeTries(HOME.username)).toBe(5);
    await attempts.failCode(alice('10.0.99.1'));
    expect(await attempts.codeTries(HOME.username)).toBe(1);
    expect(await attempts.codeTries('bob' as Username)).toBe(5);
    expect(await attempts.begin(alice('198.51.100.1'))).toBeUndefined();
    clock.now += 3_600_000;
    expect(await attempts.codeTries(HOME.username)).toBe(5);
  });
});

it('[AUTH6] a network is an IPv4 address or the half of an IPv6 address that its holder cannot choose', () => {
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1');
  expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1');
  expect(networkOf('2001:DB8:0001::5')).toBe('2001:db8:1:0::/64');
  expect(networkOf('2001:db8:1:0:ffff::')).toBe('2001:db8:1:0::/64');
  expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
  expect(networkOf('::1')).toBe('0:0:0:0::/64');
  expect(siteOf('2001:DB8:0001:2::5')).toBe('2001:db8:1::/48');
  expect(siteOf('::ffff:192.0.2.1')).toBe('192.0.2.1');
});

it('[HTTP12] a limiter serves so many in a window, says how long to wait, and does not count what it refused', async () => {
  const clock = { now: 0 };
  const limiter = createRateLimiter(createMemoryCounters(), () => clock.now);
  const take = () => limiter.take('bob', 2, 60);
  expect([await take(), await take()]).toEqual([undefined, undefined]);
  clock.now = 15_500;
  expect([await take(), await take()]).toEqual([45, 45]);
  expect(await limiter.waitOf('bob', 2)).toBe(45);
  clock.now = 60_000;
  expect(await Promise.all(Array.from({ length: 9 }, take))).toEqual([
    undefined,
    undefined,
    ...Array(7).fill(60),
  ]);
});
