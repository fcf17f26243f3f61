/**
 * How long a database may keep one request. Its driver gives up by itself before that, or so it says: one that was killed
 * and started again has kept an insert for minutes, and with it everything that waited behind that.
 */
export const DEADLINE_MS = 20_000;

/** The work came to no end in time. It may still: nobody knows what was written. */
class OverdueError extends Error {
  constructor() {
    super('the database did not answer in time');
    this.name = 'OverdueError';
  }
}

/** Rejects with `OverdueError` after so long; what the work then comes to is nobody's. */
export function inTime<T>(work: Promise<T>, ms = DEADLINE_MS): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(new OverdueError()), ms);
  work.then(resolve, reject).finally(() => clearTimeout(timer));
  return promise;
}
