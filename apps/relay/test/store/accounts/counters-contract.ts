import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CounterStore } from '../../../src/store/counter-store.ts';

/** Empty counters of one driver, and how to let go of them. */
export type OpenCounters = () => Promise<{ readonly counters: CounterStore; close(): Promise<void> }>;

const NOTHING = { count: 0, lastAt: 0, forgottenAt: 0 };

/**
 * `exact`: whether the driver counts each of several additions that come at once. `sweeps`: whether what is over goes with the
 * sweep rather than by the server's own clock.
 */
export function testCounters(
  open: OpenCounters,
  { exact, sweeps }: { readonly exact: boolean; readonly sweeps: boolean },
): void {
  let opened: Awaited<ReturnType<OpenCounters>>;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  it('[STORE28] counts by key; a fixed window ends after its first addition', async () => {
    const { counters } = opened;
    expect(await counters.read('alice', 0)).toEqual(NOTHING);
    expect(await counters.add('alice', 10, 1000)).toEqual({ count: 1, lastAt: 1000, forgottenAt: 11_000 });
    expect(await counters.add('alice', 10, 3000)).toEqual({ count: 2, lastAt: 3000, forgottenAt: 11_000 });
    expect(await counters.read('alice', 10_999)).toEqual({ count: 2, lastAt: 3000, forgottenAt: 11_000 });
    expect(await counters.read('bob', 3000)).toEqual(NOTHING);
    expect(await counters.read('alice', 11_000)).toEqual(NOTHING);
    expect(await counters.add('alice', 10, 11_000)).toEqual({
      count: 1,
      lastAt: 11_000,
      forgottenAt: 21_000,
    });
  });

  it('[STORE28] a sliding window ends after its last addition', async () => {
    const { counters } = opened;
    await counters.add('alice', 10, 0, 'sliding');
    expect(await counters.add('alice', 10, 9000, 'sliding')).toEqual({
      count: 2,
      lastAt: 9000,
      forgottenAt: 19_000,
    });
    expect(await counters.read('alice', 18_999)).toMatchObject({ count: 2 });
    expect(await counters.read('alice', 19_000)).toEqual(NOTHING);
  });

  it('[STORE28] takes one back, never below nothing, and forgets', async () => {
    const { counters } = opened;
    await counters.takeBack('alice');
    await counters.add('alice', 10, 0);
    await counters.add('alice', 10, 0);
    await counters.takeBack('alice');
    expect(await counters.read('alice', 0)).toEqual({ count: 1, lastAt: 0, forgottenAt: 10_000 });
    await counters.takeBack('alice');
    await counters.takeBack('alice');
    expect(await counters.read('alice', 0)).toMatchObject({ count: 0 });
    expect(await counters.add('alice', 10, 0)).toMatchObject({ count: 1 });
    await counters.add('bob', 10, 0);
    await counters.forget('alice');
    expect(await counters.read('alice', 0)).toEqual(NOTHING);
    expect(await counters.read('bob', 0)).toMatchObject({ count: 1 });
  });

  it('[STORE28] keys of any kind are each their own', async () => {
    const { counters } = opened;
    const keys = [
      'pair alice 10.0.0.1',
      'pair alice 10.0.0.10',
      '__proto__',
      '{"$gt":""}',
      'a\0b',
      'a',
      '$a.b',
      '',
    ];
    for (const key of keys) await counters.add(key, 10, 0);
    for (const key of keys) expect(await counters.read(key, 0)).toMatchObject({ count: 1 });
  });

  it.runIf(sweeps)('[STORE28] sweeps what is past its window', async () => {
    const { counters } = opened;
    await counters.add('alice', 10, 0);
    await counters.add('bob', 20, 0);
    await counters.sweep(10_000);
    expect(await counters.read('alice', 0)).toEqual(NOTHING);
    expect(await counters.read('bob', 0)).toMatchObject({ count: 1 });
  });

  it.runIf(exact)('[STORE28] counts each of many that come at once', async () => {
    const { counters } = opened;
    const counts = await Promise.all(Array.from({ length: 40 }, () => counters.add('alice', 10, 0)));
    expect(counts.map(({ count }) => count).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
  });
}
