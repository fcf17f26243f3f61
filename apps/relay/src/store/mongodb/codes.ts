import type { CodeStore, NewCode } from '../code-store.ts';
import type { MongoDatabase } from './database.ts';
import { plainBytes } from './documents.ts';
import { inserted, step, sweepStep } from './errors.ts';
import { CLAIM_GRACE_SECONDS } from './indexes.ts';
import { MOST_ATTEMPTS, pause } from './pause.ts';

export function createMongoCodes(db: MongoDatabase): CodeStore {
  return {
    put: (code) => step(() => put(db, code)),
    try: (id, now) => step(() => takeTry(db, id, now)),
    claim: (id, expiresAt) => step(() => claim(db, id, expiresAt)),
    isClaimed: (id, now) =>
      step(async () => ((await db.claims.findOne({ _id: id }))?.expiresAt.getTime() ?? 0) > now),
    sweep: (now) =>
      sweepStep(async () => {
        const before = { expiresAt: { $lte: new Date(now) } };
        await db.codes.deleteMany(before);
        await db.codeTries.deleteMany(before);
        const longBefore = new Date(now - CLAIM_GRACE_SECONDS * 1000);
        await db.claims.deleteMany({ expiresAt: { $lte: longBefore } });
      }),
  };
}

/** False when it was claimed. Throws what the database throws. */
export function claim(db: MongoDatabase, id: Uint8Array, expiresAt: number): Promise<boolean> {
  return inserted(db.claims.insertOne({ _id: id, expiresAt: new Date(expiresAt) }));
}

/** A code that is put again is the next generation. */
async function put(db: MongoDatabase, { id, hash, tries, expiresAt }: NewCode): Promise<void> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const generation = ((await findNewest(db, id))?.generation ?? 0) + 1;
    const code = { code: id, generation, hash, tries, expiresAt: new Date(expiresAt) };
    if (await inserted(db.codes.insertOne(code))) return;
    await pause(attempt);
  }
  throw new Error('a code stays contended');
}

/** Each try is an insert under its number: of any that come at once there are as many as numbers. */
async function takeTry(
  db: MongoDatabase,
  id: Uint8Array,
  now: number,
): Promise<{ readonly hash: Uint8Array } | undefined> {
  const code = await findNewest(db, id);
  if (code === null || code.expiresAt.getTime() <= now) return undefined;
  if ((await db.claims.findOne({ _id: id })) !== null) return undefined;
  for (let number = 0; number < code.tries; number++) {
    const _id = tryKey(id, code.generation, number);
    if (await inserted(db.codeTries.insertOne({ _id, expiresAt: code.expiresAt })))
      return { hash: plainBytes(code.hash) };
  }
  return undefined;
}

function findNewest(db: MongoDatabase, id: Uint8Array) {
  return db.codes.findOne({ code: id }, { sort: { generation: -1 } });
}

function tryKey(id: Uint8Array, generation: number, number: number): Uint8Array {
  const rest = Buffer.alloc(8);
  rest.writeUInt32BE(generation, 0);
  rest.writeUInt32BE(number, 4);
  return Buffer.concat([id, rest]);
}
