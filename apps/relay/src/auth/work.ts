import { encodeHex, LIMITS } from '@sotto/protocol';
import { createChallenge, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { z } from 'zod';
import type { Clock, Random } from '../clock.ts';
import type { CodeStore } from '../store/code-store.ts';
import type { RelayKeys } from './relay-keys.ts';

/** Proofs of work, asked of strangers for what costs the relay, or somebody's mailbox, more than it costs them. */
export interface Work {
  /** JSON of a challenge of `altcha-lib`. Nothing is kept of it. */
  challenge(): Promise<string>;
  /** Whether this is a solution, in time and for the first time. The text is a stranger's. */
  take(work: string): Promise<boolean>;
}

export interface WorkDeps {
  readonly keys: RelayKeys;
  readonly codes: CodeStore;
  readonly clock: Clock;
  readonly random: Random;
  /** `light`: for tests, the same steps with next to nothing to compute. */
  readonly amount: 'normal' | 'light';
}

const SECONDS = 600;
const ALGORITHM = 'PBKDF2/SHA-256';
/**
 * Iterations of each try, and how many tries: between `tries` and twice as many. Measured in Node on 2 cores: 0.19 to 0.37 s to
 * solve, 1 ms on another thread to make, 0.3 ms to check.
 */
const AMOUNTS = { normal: { cost: 5000, tries: 200 }, light: { cost: 1, tries: 1 } } as const;

const hex = z.string().regex(/^[0-9a-f]{2,128}$/);
/** What `altcha-lib` sealed, and what it is to check: nothing else reaches it. */
const payload = z.strictObject({
  challenge: z.strictObject({
    parameters: z.strictObject({
      algorithm: z.literal(ALGORITHM),
      cost: z.int().min(1).max(AMOUNTS.normal.cost),
      data: z.strictObject({ until: z.int() }),
      keyLength: z.literal(32),
      keyPrefix: hex,
      keySignature: hex,
      nonce: hex,
      salt: hex,
    }),
    signature: hex,
  }),
  solution: z.object({ counter: z.int().min(0).max(0xffff_ffff), derivedKey: hex }),
});

export function createWork({ keys, codes, clock, random, amount }: WorkDeps): Work {
  const { cost, tries } = AMOUNTS[amount];
  const secretOf = (use: string) => encodeHex(keys.mac('work', new TextEncoder().encode(use)));
  const secrets = {
    hmacSignatureSecret: secretOf('challenge'),
    hmacKeySignatureSecret: secretOf('solution'),
  };
  return {
    async challenge() {
      const [picked = 0] = new Uint32Array(random(4).slice().buffer);
      const challenge = await createChallenge({
        ...secrets,
        algorithm: ALGORITHM,
        cost,
        deriveKey,
        counter: tries + (picked % (tries + 1)),
        // Its own field for an end is checked against the clock of the machine, not the relay's.
        data: { until: clock() + SECONDS * 1000 },
      });
      return JSON.stringify(challenge);
    },
    async take(work) {
      const parsed = payload.safeParse(parseJson(work));
      if (!parsed.success) return false;
      const { challenge, solution } = parsed.data;
      const { until } = challenge.parameters.data;
      const { verified } = await verifySolution({
        ...secrets,
        challenge,
        solution: { ...solution, time: 0 },
        deriveKey,
      });
      if (!verified || until <= clock()) return false;
      const id = keys.mac('work', new TextEncoder().encode(challenge.signature)).subarray(0, 16);
      return codes.claim(id, until);
    },
  };
}

function parseJson(text: string): unknown {
  if (text.length > LIMITS.work) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
