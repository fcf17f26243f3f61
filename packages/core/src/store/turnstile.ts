/** Many pass together; who wants to be alone waits for those inside and keeps others out meanwhile. */
export interface Turnstile {
  pass<T>(work: () => Promise<T>): Promise<T>;
  /** One at a time: the caller sees to that. */
  alone(work: () => Promise<void>): Promise<void>;
}

export function createTurnstile(): Turnstile {
  const inside = new Set<Promise<unknown>>();
  let closed: Promise<unknown> | undefined;
  return {
    async pass(work) {
      while (closed !== undefined) await closed;
      const passing = work();
      inside.add(passing);
      try {
        return await passing;
      } finally {
        inside.delete(passing);
      }
    },
    async alone(work) {
      const { promise, resolve } = Promise.withResolvers<void>();
      closed = promise;
      try {
        await Promise.allSettled(inside);
        await work();
      } finally {
        closed = undefined;
        resolve();
      }
    },
  };
}
