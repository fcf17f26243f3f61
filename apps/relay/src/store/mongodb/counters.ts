import type { Count, CounterStore } from '../counter-store.ts';
import type { MongoDatabase } from './database.ts';
import type { CounterDocument } from './documents.ts';
import { inserted, step, sweepStep } from './errors.ts';
import { MOST_ATTEMPTS, pause } from './pause.ts';

const NOTHING: Count = { count: 0, lastAt: 0, forgottenAt: 0 };

/**
 * Counters are changed in place, which MongoDB does by document and FerretDB does not: there additions that come at once may
 * count as one. A limit that lets a few more through is no harm that a transaction for each request would be worth. What is
 * over goes by itself or with the sweep; of more than `capacity` that takes those which grew longest ago.
 */
export function createMongoCounters(db: MongoDatabase, capacity = 1_000_000): CounterStore {
  return {
    read: (key, now) =>
      step(async () => {
        const found = await db.counters.findOne({ _id: key, forgottenAt: { $gt: new Date(now) } });
        return found === null ? NOTHING : asCount(found);
      }),
    add: (key, seconds, now, window = 'fixed') =>
      step(() => addOne(db, { key, now, end: now + seconds * 1000, slides: window === 'sliding' })),
    takeBack: (key) =>
      step(
        async () =>
          void (await db.counters.updateOne({ _id: key, count: { $gt: 0 } }, { $inc: { count: -1 } })),
      ),
    forget: (key) => step(async () => void (await db.counters.deleteOne({ _id: key }))),
    sweep: (now) =>
      sweepStep(async () => {
        await db.counters.deleteMany({ forgottenAt: { $lte: new Date(now) } });
        await bound(db, capacity);
      }),
  };
}

interface Addition {
  readonly key: string;
  readonly now: number;
  /** When a window that begins now is over. */
  readonly end: number;
  readonly slides: boolean;
}

/** To the counter that runs, or else to a new one in its place; another process may put its own there first. */
async function addOne(db: MongoDatabase, { key, now, end, slides }: Addition): Promise<Count> {
  const [lastAt, forgottenAt] = [new Date(now), new Date(end)];
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const running = { _id: key, forgottenAt: { $gt: lastAt }, count: { $gt: 0 } };
    const set = slides ? { lastAt, forgottenAt } : { lastAt };
    const grown = await db.counters.findOneAndUpdate(
      running,
      { $inc: { count: 1 }, $set: set },
      { returnDocument: 'after' },
    );
    if (grown !== null) return asCount(grown);
    await db.counters.deleteOne({
      _id: key,
      $or: [{ forgottenAt: { $lte: lastAt } }, { count: { $lte: 0 } }],
    });
    const fresh = { _id: key, count: 1, lastAt, forgottenAt };
    if (await inserted(db.counters.insertOne(fresh))) return asCount(fresh);
    await pause(attempt);
  }
  throw new Error('a counter stays contended');
}

async function bound(db: MongoDatabase, capacity: number): Promise<void> {
  const [first] = await db.counters.find().sort({ lastAt: -1 }).skip(capacity).limit(1).toArray();
  if (first !== undefined) await db.counters.deleteMany({ lastAt: { $lte: first.lastAt } });
}

function asCount({ count, lastAt, forgottenAt }: CounterDocument): Count {
  return { count, lastAt: lastAt.getTime(), forgottenAt: forgottenAt.getTime() };
}
