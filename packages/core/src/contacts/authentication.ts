import { isCurrentDevice } from '@sotto/transparency';
import type { Authentication } from '../mls/door.ts';
import type { ChainPins } from './chain-pins.ts';

/** The chain that would answer cannot be read now. Not a verdict: whatever asked is put off, never refused. */
export class AuthenticationUnavailable extends Error {
  constructor() {
    super('account chain out of reach');
    this.name = 'AuthenticationUnavailable';
  }
}

/** The authentication service of RFC 9750 §5.4, over account chains. */
export interface ChainAuthentication extends Authentication {
  /** How often a question could not be answered: a caller of MLS tells "refused" from "ask later" by it. */
  unavailable(): number;
}

/** Fetches and verifies what it lacks; answers from the pin when the pin says yes. */
export function createAuthentication(pins: ChainPins): ChainAuthentication {
  let unavailable = 0;
  return {
    unavailable: () => unavailable,
    async isCurrentDevice(account, device, signatureKey) {
      const before = await pins.pinned(account);
      if (before !== undefined && isCurrentDevice(before, device, signatureKey)) return true;
      const refreshed = await pins.refresh(account);
      if (refreshed === 'unreachable') {
        unavailable += 1;
        throw new AuthenticationUnavailable();
      }
      const after = await pins.pinned(account);
      return after !== undefined && isCurrentDevice(after, device, signatureKey);
    },
  };
}
