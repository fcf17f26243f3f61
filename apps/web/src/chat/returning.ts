/**
 * Whether an account is expected on this device, known before the worker can say so: a newcomer gets the sign-in card at
 * once instead of waiting for a store that is empty, a returning person is not shown a card that vanishes. It holds one
 * bit and is only ever a guess; the session decides.
 */
export interface Returning {
  isExpected(): boolean;
  note(signedIn: boolean): void;
}

const KEY = 'sotto-returning';

/** A storage that refuses answers no. */
export function createReturning(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): Returning {
  return {
    isExpected() {
      try {
        return storage.getItem(KEY) === '1';
      } catch {
        return false;
      }
    },
    note(signedIn) {
      try {
        if (signedIn) storage.setItem(KEY, '1');
        else storage.removeItem(KEY);
      } catch {
        // The next start guesses wrong for a moment.
      }
    },
  };
}
