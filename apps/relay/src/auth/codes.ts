import { timingSafeEqual } from 'node:crypto';
import { LIMITS } from '@sotto/protocol';
import type { Clock, Random } from '../clock.ts';
import type { CodeStore } from '../store/code-store.ts';
import type { RelayKeys } from './relay-keys.ts';

/** What a code is bound to: the id inside a ticket, and its end. */
interface Bound {
  readonly id: Uint8Array;
  readonly expiresAt: number;
}

/** Codes that are sent, and the tries that any wrong answer to a ticket costs. */
export interface Codes {
  /**
   * A new code for a ticket, in the place of the one before. `real`: false when it goes to nobody: the same steps, and no code is
   * right.
   */
  issue(ticket: Bound, real: boolean): Promise<string>;
  /** Counts a try before it looks. The code is the caller's. */
  check(id: Uint8Array, code: string): Promise<boolean>;
  /** Lets a ticket be answered so many times, whatever the method. */
  allowTries(ticket: Bound, tries: number): Promise<void>;
  /** Counts one of them; false when none is left, or the ticket has served. */
  takeTry(id: Uint8Array): Promise<boolean>;
}

export interface CodesDeps {
  readonly keys: RelayKeys;
  readonly codes: CodeStore;
  readonly clock: Clock;
  readonly random: Random;
}

export function createCodes({ keys, codes, clock, random }: CodesDeps): Codes {
  const text = (code: string) => new TextEncoder().encode(code);
  // The ticket's own id counts its tries and marks that it served; its code has a place beside it.
  const placeOf = (id: Uint8Array) => keys.mac('code place', id).subarray(0, 16);
  return {
    async issue({ id, expiresAt }, real) {
      const code = makeCode(random);
      const hash = keys.mac('code', id, real ? text(code) : random(DIGITS));
      await codes.put({ id: placeOf(id), hash, tries: LIMITS.codeTries, expiresAt });
      return code;
    },
    async check(id, code) {
      const found = await codes.try(placeOf(id), clock());
      const hash = keys.mac('code', id, text(code));
      return found !== undefined && timingSafeEqual(found.hash, hash);
    },
    allowTries: ({ id, expiresAt }, tries) => codes.put({ id, hash: new Uint8Array(32), tries, expiresAt }),
    takeTry: async (id) => (await codes.try(id, clock())) !== undefined,
  };
}

const DIGITS = 8;
const CODES = 10 ** DIGITS;
/** The largest multiple of CODES that 32 bits hold: above it some codes would come more often. */
const FAIR = Math.floor(2 ** 32 / CODES) * CODES;

function makeCode(random: Random): string {
  for (;;) {
    const drawn = random(4);
    const value = new DataView(drawn.buffer, drawn.byteOffset, 4).getUint32(0);
    if (value < FAIR) return String(value % CODES).padStart(DIGITS, '0');
  }
}
