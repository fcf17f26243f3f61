/**
 * Whether to ask for a recovery key: until one is there, or the person said “not now”. One bit for this browser that names no
 * account; on somebody else's computer it stays in memory.
 */
export interface Nudge {
  isDone(): boolean;
  /** `keep`: for the next start too. */
  finish(keep: boolean): void;
  /** Nobody is signed in any more: the next account is asked again. */
  forget(): void;
}

const KEY = 'sotto-recovery-key-asked';

/** A storage that refuses only asks again at the next start. */
export function createNudge(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): Nudge {
  let done = false;
  const trying = <T>(step: () => T): T | undefined => {
    try {
      return step();
    } catch {
      return undefined;
    }
  };
  return {
    isDone: () => done || trying(() => storage.getItem(KEY)) === '1',
    finish(keep) {
      done = true;
      if (keep) trying(() => storage.setItem(KEY, '1'));
    },
    forget() {
      done = false;
      trying(() => storage.removeItem(KEY));
    },
  };
}
