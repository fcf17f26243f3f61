import { solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { beforeEach, describe, expect, it } from 'vitest';
import { createRelayKeys } from '../../src/auth/relay-keys.ts';
import { createWork, type Work } from '../../src/auth/work.ts';
import { createMemoryCodes } from '../../src/store/memory/codes.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const clock = { now: 0 };
const open = (amount: 'normal' | 'light', codes = createMemoryCodes()): Work =>
  createWork({ keys: createRelayKeys(random(32), random), codes, clock: () => clock.now, random, amount });
let work: Work;
beforeEach(() => {
  clock.now = 1_000_000;
  work = open('light');
});

async function solve(text: string) {
  const challenge = JSON.parse(text);
  return { challenge, solution: await solveChallenge({ challenge, deriveKey }) };
}

describe('proofs of work', () => {
  it('[AUTH16] serve once, of any number that come at the same moment', async () => {
    const solved = JSON.stringify(await solve(await work.challenge()));
    const taken = await Promise.all(Array.from({ length: 20 }, () => work.take(solved)));
    expect(taken.filter((was) => was)).toHaveLength(1);
  });

  it('[AUTH16] serve for ten minutes', async () => {
    const [early, late] = [await solve(await work.challenge()), await solve(await work.challenge())];
    clock.now += 599_999;
    expect(await work.take(JSON.stringify(early))).toBe(true);
    clock.now += 1;
    expect(await work.take(JSON.stringify(late))).toBe(false);
  });

  it('[AUTH16] are not believed when anything of them was changed, or made elsewhere', async () => {
    const { challenge, solution } = await solve(await work.challenge());
    const { parameters } = challenge;
    const bent = [
      { challenge, solution: { ...solution, derivedKey: '00'.repeat(32) } },
      { challenge, solution: { ...solution, counter: -1 } },
      { challenge, solution: null },
      { challenge, solution: { counter: { $gt: '' }, derivedKey: { $gt: '' } } },
      { challenge: { parameters: { ...parameters, cost: 2 }, signature: challenge.signature }, solution },
      {
        challenge: { parameters: { ...parameters, algorithm: 'SHA-256' }, signature: challenge.signature },
        solution,
      },
      {
        challenge: {
          parameters: { ...parameters, data: { until: parameters.data.until + 1 } },
          signature: challenge.signature,
        },
        solution,
      },
      { challenge: { parameters }, solution },
      {
        challenge: { parameters: { ...parameters, keySignature: 'zz' }, signature: challenge.signature },
        solution,
      },
      [],
      null,
      7,
    ];
    for (const bad of bent) expect(await work.take(JSON.stringify(bad))).toBe(false);
    for (const text of ['', '{', '"a"', `{"__proto__":${JSON.stringify({ challenge, solution })}}`]) {
      expect(await work.take(text)).toBe(false);
    }
    expect(await open('light').take(JSON.stringify({ challenge, solution }))).toBe(false);
    expect(await work.take(JSON.stringify({ challenge, solution }))).toBe(true);
  });

  it('[AUTH16] cost a browser a moment: 200 to 400 tries of 5000 iterations', async () => {
    const normal = open('normal');
    const { challenge, solution } = await solve(await normal.challenge());
    expect(challenge.parameters).toMatchObject({ algorithm: 'PBKDF2/SHA-256', cost: 5000 });
    expect(solution?.counter).toBeGreaterThanOrEqual(200);
    expect(solution?.counter).toBeLessThanOrEqual(400);
    expect(await normal.take(JSON.stringify({ challenge, solution }))).toBe(true);
  });
});
