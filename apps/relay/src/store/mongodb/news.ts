import type { InboxPosition, LogPosition, NewsStore } from '../news-store.ts';
import type { MongoDatabase } from './database.ts';
import { deviceKey, type EntryDocument, type InboxItemDocument, plainBytes } from './documents.ts';

/** Documents of one answer: of a log that has many new entries one is enough. */
const MOST = 1000;

type Found = { readonly key: string; readonly seq: number };

/** What other nodes wrote, by one query for many logs or inboxes: each has its own stretch of the index of positions. */
export function createMongoNews(db: MongoDatabase): NewsStore {
  const findEntries = (read: readonly LogPosition[]): Promise<Found[]> =>
    db.entries
      .find({ $or: read.map(({ log, seq }) => ({ log, seq: { $gt: seq } })) })
      .limit(MOST)
      .project<Pick<EntryDocument, 'log' | 'seq'>>({ _id: 0, log: 1, seq: 1 })
      .map(({ log, seq }) => ({ key: keyOf(log), seq }))
      .toArray();

  const findItems = async (read: readonly InboxPosition[]): Promise<Found[]> => {
    const inboxes = read.map((position) => ({ inbox: deviceKey(position), seq: position.seq }));
    const laid = await db.inboxItems
      // A place that was emptied is no news.
      .find({
        $or: inboxes.map(({ inbox, seq }) => ({ inbox, seq: { $gt: seq }, expiryDay: { $exists: true } })),
      })
      .limit(MOST)
      .project<Pick<InboxItemDocument, 'inbox' | 'seq'>>({ _id: 0, inbox: 1, seq: 1 })
      .map(({ inbox, seq }) => ({ key: keyOf(inbox), seq }))
      .toArray();
    return [...laid, ...(await findWaiting(db, inboxes))];
  };

  return {
    async findLogNews(read) {
      const newest = await collect(read, ({ log }) => keyOf(log), findEntries);
      return read.flatMap(({ log }) => {
        const seq = newest.get(keyOf(log));
        return seq === undefined ? [] : [{ log, seq }];
      });
    },
    async findInboxNews(read) {
      const newest = await collect(read, (position) => keyOf(deviceKey(position)), findItems);
      return read.flatMap((position) => {
        const seq = newest.get(keyOf(deviceKey(position)));
        return seq === undefined ? [] : [{ account: position.account, device: position.device, seq }];
      });
    },
  };
}

/** A commit whose node died may hold Welcomes that lie in no inbox yet: who reads the inbox puts them there. */
async function findWaiting(
  db: MongoDatabase,
  inboxes: readonly { readonly inbox: Uint8Array; readonly seq: number }[],
): Promise<Found[]> {
  const seqByInbox = new Map(inboxes.map(({ inbox, seq }) => [keyOf(inbox), seq]));
  const commits = await db.entries
    .find({ 'pending.inbox': { $in: inboxes.map(({ inbox }) => inbox) } })
    .limit(MOST)
    .project<Pick<EntryDocument, 'pending'>>({ _id: 0, 'pending.inbox': 1 })
    .toArray();
  return commits.flatMap(({ pending = [] }) =>
    pending.flatMap(({ inbox }) => {
      const seq = seqByInbox.get(keyOf(inbox));
      return seq === undefined ? [] : [{ key: keyOf(inbox), seq: seq + 1 }];
    }),
  );
}

/** The newest position found under each key; those that one answer had no room for are asked about again. */
async function collect<P>(
  read: readonly P[],
  keyFor: (position: P) => string,
  find: (read: readonly P[]) => Promise<readonly Found[]>,
): Promise<Map<string, number>> {
  const newest = new Map<string, number>();
  let left = read;
  while (left.length > 0) {
    const found = await find(left);
    for (const { key, seq } of found) newest.set(key, Math.max(newest.get(key) ?? 0, seq));
    if (found.length < MOST) break;
    left = left.filter((position) => !newest.has(keyFor(position)));
  }
  return newest;
}

function keyOf(bytes: Uint8Array): string {
  return Buffer.from(plainBytes(bytes)).toString('latin1');
}
