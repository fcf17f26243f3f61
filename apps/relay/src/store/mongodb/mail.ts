import type { MailStore } from '../mail-store.ts';
import type { MongoDatabase } from './database.ts';
import { plainBytes } from './documents.ts';
import { inserted, step, sweepStep } from './errors.ts';
import { MOST_ATTEMPTS, pause } from './pause.ts';

/**
 * Each attempt is a document behind the one before, which goes: who inserts it makes it. To put a mail off changes a time in
 * place, which decides nothing.
 */
export function createMongoMail(db: MongoDatabase): MailStore {
  return {
    put: ({ id, sealed, dueAt, expiresAt }) =>
      step(async () => {
        const times = { dueAt: new Date(dueAt), expiresAt: new Date(expiresAt) };
        await db.mail.insertOne({ mail: id, attempt: 0, sealed, ...times });
      }),
    take: (now, again) => step(() => take(db, now, again)),
    postpone: (id, dueAt) =>
      step(async () => void (await db.mail.updateMany({ mail: id }, { $set: { dueAt: new Date(dueAt) } }))),
    remove: (id) => step(async () => void (await db.mail.deleteMany({ mail: id }))),
    sweep: (now) =>
      sweepStep(async () => void (await db.mail.deleteMany({ expiresAt: { $lte: new Date(now) } }))),
  };
}

async function take(db: MongoDatabase, now: number, again: number): ReturnType<MailStore['take']> {
  const at = new Date(now);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const due = await db.mail.findOne(
      { dueAt: { $lte: at }, expiresAt: { $gt: at } },
      { sort: { dueAt: 1, attempt: 1 } },
    );
    if (due === null) return undefined;
    const { _id, ...mail } = due;
    const next = { ...mail, attempt: mail.attempt + 1, dueAt: new Date(again) };
    const mine = await inserted(db.mail.insertOne(next));
    // Also of an attempt that another process has begun: it may have stopped before it came to this.
    await db.mail.deleteOne({ mail: mail.mail, attempt: mail.attempt });
    if (mine) {
      return {
        id: plainBytes(mail.mail),
        sealed: plainBytes(mail.sealed),
        dueAt: again,
        expiresAt: mail.expiresAt.getTime(),
        attempt: next.attempt,
      };
    }
    await pause(attempt);
  }
  return undefined;
}
