import { inTime } from './deadline.ts';

/** Work under one key runs one after the other, in the order asked; other keys do not wait. Of this process only. */
export interface Turns {
  run<T>(key: Uint8Array, work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const lastByKey = new Map<string, Promise<unknown>>();
  return {
    run(key, work) {
      const name = Buffer.from(key).toString('latin1');
      const before = lastByKey.get(name) ?? Promise.resolve();
      // What keeps its turn too long loses it: others do not wait for ever.
      const inTurn = () => inTime(work());
      const mine = before.then(inTurn, inTurn);
      lastByKey.set(name, mine);
      const leave = () => {
        if (lastByKey.get(name) === mine) lastByKey.delete(name);
      };
      mine.then(leave, leave);
      return mine;
    },
  };
}
