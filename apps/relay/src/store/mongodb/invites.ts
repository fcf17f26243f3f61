import type { Invite, InviteStore } from '../invite-store.ts';
import type { MongoDatabase } from './database.ts';
import { type InviteDocument, plainBytes } from './documents.ts';
import { step, sweepStep } from './errors.ts';

/** Uses stay known this long past the invitation's time, by the sweep's clock: another node's may be behind. */
const GRACE_MS = 3_600_000;

export function createMongoInvites(db: MongoDatabase): InviteStore {
  return {
    create: ({ hash, uses, createdAt, expiresAt }) =>
      step(async () => {
        const times = { createdAt: new Date(createdAt), expiresAt: new Date(expiresAt) };
        await db.invites.insertOne({ _id: hash, uses, ...times });
      }),
    isOpen: (hash, now) => step(async () => (await findNextUse(db, hash, now)) !== undefined),
    list: (now) =>
      step(async () => {
        const open = await db.invites
          .find({ expiresAt: { $gt: new Date(now) } })
          .sort({ createdAt: 1 })
          .toArray();
        return Promise.all(open.map((invite) => describe(db, invite)));
      }),
    sweep: (now) => sweepStep(() => sweep(db, now)),
  };
}

/** The use that the next account would take, or undefined: there is none left, or no such invitation. */
export async function findNextUse(
  db: MongoDatabase,
  hash: Uint8Array,
  now: number,
): Promise<number | undefined> {
  const invite = await db.invites.findOne({ _id: hash });
  if (invite === null || invite.expiresAt.getTime() <= now) return undefined;
  const last = await db.accounts.findOne(
    { invite: hash },
    { sort: { inviteUse: -1 }, projection: { _id: 0, inviteUse: 1 } },
  );
  const next = (last?.inviteUse ?? 0) + 1;
  return next <= invite.uses ? next : undefined;
}

async function describe(
  db: MongoDatabase,
  { _id, uses, createdAt, expiresAt }: InviteDocument,
): Promise<Invite> {
  return {
    hash: plainBytes(_id),
    uses,
    used: await db.accounts.countDocuments({ invite: _id }),
    createdAt: createdAt.getTime(),
    expiresAt: expiresAt.getTime(),
  };
}

/** Who came by which invitation is forgotten with it. An invitation goes last, so that a sweep that stopped is taken up. */
async function sweep(db: MongoDatabase, now: number): Promise<void> {
  const due = await db.invites.find({ expiresAt: { $lte: new Date(now - GRACE_MS) } }).toArray();
  for (const { _id } of due) {
    await db.accounts.updateMany({ invite: _id }, { $unset: { invite: '', inviteUse: '' } });
    await db.invites.deleteOne({ _id });
  }
}
