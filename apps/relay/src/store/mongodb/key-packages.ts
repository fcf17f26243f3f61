import { type AccountId, type DeviceId, LIMITS } from '@sotto/protocol';
import type { ClaimedKeyPackage, KeyPackageStore, Upload } from '../key-package-store.ts';
import type { MongoDatabase } from './database.ts';
import { deviceKey, type KeyPackageDocument, keyPackageKey, plainBytes } from './documents.ts';
import { inserted, isDuplicate, step } from './errors.ts';
import { createTurns } from './turns.ts';

export interface KeyPackages extends KeyPackageStore {
  /** A revoked device gives out nothing more. May run twice. */
  drop(account: AccountId, device: DeviceId): Promise<void>;
  /** The same for all devices of an account. */
  dropAccount(account: AccountId): Promise<void>;
}

/** Within a process requests for one device come one after the other, so that what they count stays true. */
export function createMongoKeyPackages(db: MongoDatabase): KeyPackages {
  const turns = createTurns();
  return {
    publish: (upload) => step(() => turns.run(deviceKey(upload), () => publish(db, upload))),
    count: (account, device) =>
      step(async () => {
        const key = deviceKey({ account, device });
        const [left, lastResort] = await Promise.all([countLeft(db, key), findLastResort(db, key)]);
        return { left, lastResort: lastResort !== undefined };
      }),
    claim: (account, devices) =>
      step(async () => {
        const claims = devices.map((device) => {
          const key = deviceKey({ account, device });
          return turns.run(key, () => claimOne(db, key, device));
        });
        return (await Promise.all(claims)).flat();
      }),
    async drop(account, device) {
      const key = deviceKey({ account, device });
      await db.lastResorts.deleteOne({ _id: key });
      await db.keyPackages.deleteMany({ device: key });
      await db.claimed.deleteMany({ device: key });
    },
    async dropAccount(account) {
      // The keys of an account's devices begin with its id.
      const ends = { $gte: keyOfDevice(account, 0x00), $lte: keyOfDevice(account, 0xff) };
      await db.lastResorts.deleteMany({ _id: ends });
      await db.keyPackages.deleteMany({ device: ends });
      await db.claimed.deleteMany({ device: ends });
    },
  };
}

function keyOfDevice(account: AccountId, fill: number): Uint8Array {
  return deviceKey({ account, device: new Uint8Array(16).fill(fill) });
}

async function publish(
  db: MongoDatabase,
  { account, device, oneTime, lastResort, replace }: Upload,
): Promise<'published' | 'full'> {
  const key = deviceKey({ account, device });
  const bodies = new Map(
    oneTime.map((body) => {
      const id = keyPackageKey(key, body);
      return [Buffer.from(id).toString('latin1'), { id, body }];
    }),
  );
  const ids = [...bodies.values()].map(({ id }) => id);
  if (ids.length > 0) {
    const known = await Promise.all([
      db.keyPackages
        .find({ _id: { $in: ids } })
        .project<{ _id: Uint8Array }>({ _id: 1 })
        .toArray(),
      db.claimed
        .find({ _id: { $in: ids } })
        .project<{ _id: Uint8Array }>({ _id: 1 })
        .toArray(),
    ]);
    for (const { _id } of known.flat()) bodies.delete(Buffer.from(_id).toString('latin1'));
  }
  if (bodies.size > 0) {
    if (replace !== true && (await countLeft(db, key)) + bodies.size > LIMITS.keyPackagesPerDevice)
      return 'full';
    await insertAll(db, key, [...bodies.values()]);
  }
  if (lastResort !== undefined) await replaceLastResort(db, key, lastResort);
  // Last, so that there is no moment at which the device has none: killed in between, both sets are there until the retry.
  if (replace === true) await takeOthers(db, key, ids);
  return 'published';
}

/** Claimed for nobody: once that stands, no process gives them out, and an old upload that comes late brings none back. */
async function takeOthers(db: MongoDatabase, device: Uint8Array, kept: readonly Uint8Array[]): Promise<void> {
  const others = await db.keyPackages
    .find({ device, _id: { $nin: [...kept] } })
    .project<{ _id: Uint8Array }>({ _id: 1 })
    .toArray();
  if (others.length === 0) return;
  const ids = others.map(({ _id }) => _id);
  await inserted(
    db.claimed.insertMany(
      ids.map((_id) => ({ _id, device })),
      { ordered: false },
    ),
  );
  await db.keyPackages.deleteMany({ _id: { $in: ids } });
}

async function insertAll(
  db: MongoDatabase,
  device: Uint8Array,
  fresh: readonly { readonly id: Uint8Array; readonly body: Uint8Array }[],
): Promise<void> {
  const newest = await db.keyPackages.findOne(
    { device },
    { sort: { place: -1 }, projection: { _id: 0, place: 1 } },
  );
  const first = (newest?.place ?? 0) + 1;
  const documents: KeyPackageDocument[] = fresh.map(({ id, body }, index) => ({
    _id: id,
    device,
    place: first + index,
    body,
  }));
  // Unordered: one that another process has put there meanwhile stops no other.
  await inserted(db.keyPackages.insertMany(documents, { ordered: false }));
}

/** Replaced, or inserted when there is none: a second one that does so at the same time meets the key and replaces. */
async function replaceLastResort(db: MongoDatabase, device: Uint8Array, body: Uint8Array): Promise<void> {
  const replace = () => db.lastResorts.replaceOne({ _id: device }, { body }, { upsert: true });
  try {
    await replace();
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    await replace();
  }
}

/** Whoever inserts the claim has the KeyPackage; it goes from the shelf after that. */
async function claimOne(db: MongoDatabase, key: Uint8Array, device: DeviceId): Promise<ClaimedKeyPackage[]> {
  for (;;) {
    const oldest = await db.keyPackages.findOne({ device: key }, { sort: { place: 1 } });
    if (oldest === null) {
      const lastResort = await findLastResort(db, key);
      return lastResort === undefined ? [] : [{ device, keyPackage: lastResort, lastResort: true, left: 0 }];
    }
    const mine = await inserted(db.claimed.insertOne({ _id: oldest._id, device: key }));
    await db.keyPackages.deleteOne({ _id: oldest._id });
    if (!mine) continue;
    const left = await countLeft(db, key);
    return [{ device, keyPackage: plainBytes(oldest.body), lastResort: false, left }];
  }
}

function countLeft(db: MongoDatabase, device: Uint8Array): Promise<number> {
  return db.keyPackages.countDocuments({ device });
}

async function findLastResort(db: MongoDatabase, device: Uint8Array): Promise<Uint8Array | undefined> {
  const found = await db.lastResorts.findOne({ _id: device });
  return found === null ? undefined : plainBytes(found.body);
}
