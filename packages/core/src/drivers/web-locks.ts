import type { EngineLock, HeldLock } from '../bridge/tab-ports.ts';

/** The engine's lock as a Web Lock: the browser gives it to the next in line when its holder's worker ends. */
export function createWebLock(locks: LockManager, name: string): EngineLock {
  return {
    take({ steal, onLost, signal }) {
      return new Promise<HeldLock>((resolve, reject) => {
        let granted = false;
        let released = false;
        const options = steal ? { steal } : signal === undefined ? {} : { signal };
        const hold = () =>
          new Promise<void>((release) => {
            granted = true;
            resolve({
              release() {
                released = true;
                release();
              },
            });
          });
        // Rejects with AbortError when the waiting was aborted, or, once granted, when somebody stole the lock.
        locks.request(name, options, hold).catch((error: unknown) => {
          if (!granted) reject(error);
          else if (!released) onLost();
        });
      });
    },
  };
}
