/** Does one reading. `failed`: to be tried again, not at once; so does one that rejects. */
type Reading = () => Promise<'done' | 'failed'>;

/** Readings of what other nodes wrote, a bounded number at once. */
export interface ReadingQueue {
  add(reading: Reading): void;
  /** Gives those that failed another try. */
  retry(): void;
}

const AT_ONCE = 16;

export function createReadingQueue(report: (error: unknown) => void): ReadingQueue {
  const waiting: Reading[] = [];
  const failed: Reading[] = [];
  let running = 0;

  const pump = (): void => {
    while (running < AT_ONCE) {
      const reading = waiting.shift();
      if (reading === undefined) return;
      running += 1;
      reading()
        .catch((error: unknown) => {
          report(error);
          return 'failed' as const;
        })
        .then((outcome) => {
          running -= 1;
          if (outcome === 'failed') failed.push(reading);
          pump();
        });
    }
  };
  return {
    add(reading) {
      waiting.push(reading);
      pump();
    },
    retry() {
      waiting.push(...failed.splice(0));
      pump();
    },
  };
}
