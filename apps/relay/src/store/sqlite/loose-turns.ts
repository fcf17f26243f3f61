import type { Database } from './database.ts';
import { step } from './step.ts';

/**
 * Runs changes that need not wait for the disk: those of one turn of the event loop, such as the counters of one sign-in, in one
 * transaction, in the order they came. When one of them fails none has happened, and all reject.
 */
export function createLooseTurns(db: Database): <T>(work: () => T) => Promise<T> {
  let turn: { readonly works: (() => void)[]; readonly done: Promise<void> } | undefined;
  const begin = () => {
    const works: (() => void)[] = [];
    const done = Promise.resolve().then(() => {
      turn = undefined;
      return step(() =>
        db.looseTransaction(() => {
          for (const work of works) work();
        }),
      );
    });
    return { works, done };
  };
  return async <T>(work: () => T): Promise<T> => {
    turn ??= begin();
    const { works, done } = turn;
    let result: { readonly value: T } | undefined;
    works.push(() => {
      result = { value: work() };
    });
    await done;
    if (result === undefined) throw new Error('a change was left out');
    return result.value;
  };
}
