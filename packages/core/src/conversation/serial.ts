/** Runs pieces of work one after another, in the order asked; a failed one does not stop the next. */
export interface Serial {
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createSerial(): Serial {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    run(work) {
      const result = tail.then(work);
      tail = result.catch(() => undefined);
      return result;
    },
  };
}
