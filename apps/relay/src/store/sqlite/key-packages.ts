import { createHash } from 'node:crypto';
import { type AccountId, type DeviceId, LIMITS } from '@sotto/protocol';
import type { ClaimedKeyPackage, KeyPackageStore, Upload } from '../key-package-store.ts';
import { readBlob, readInteger } from './columns.ts';
import type { Database, Migration } from './database.ts';
import { step } from './step.ts';

export const KEY_PACKAGE_MIGRATIONS: readonly Migration[] = [
  {
    name: 'key-packages-1',
    // A claimed one leaves its digest behind (body NULL), so that a retried upload cannot give it out a second time.
    sql: `
      CREATE TABLE key_packages (
        id INTEGER PRIMARY KEY,
        account BLOB NOT NULL,
        device BLOB NOT NULL,
        digest BLOB NOT NULL,
        body BLOB,
        UNIQUE (account, device, digest)
      ) STRICT;
      CREATE INDEX key_packages_left ON key_packages (account, device, id) WHERE body IS NOT NULL;
      CREATE TABLE last_resort_key_packages (
        account BLOB NOT NULL,
        device BLOB NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (account, device)
      ) STRICT, WITHOUT ROWID`,
  },
];

export function createSqliteKeyPackages(db: Database): KeyPackageStore {
  return {
    publish: (upload) => step(() => publish(db, upload)),
    count: (account, device) =>
      step(() => ({
        left: countLeft(db, account, device),
        lastResort: readLastResort(db, account, device) !== undefined,
      })),
    claim: (account, devices) =>
      step(() => db.transaction(() => devices.flatMap((device) => claimOne(db, account, device)))),
  };
}

/** Part of a transaction: a revoked device gives out nothing more. */
export function dropKeyPackages(db: Database, account: AccountId, device: DeviceId): void {
  db.run('DELETE FROM key_packages WHERE account = ? AND device = ?', account, device);
  db.run('DELETE FROM last_resort_key_packages WHERE account = ? AND device = ?', account, device);
}

/** Part of the transaction that ends an account. */
export function dropKeyPackagesOfAccount(db: Database, account: AccountId): void {
  db.run('DELETE FROM key_packages WHERE account = ?', account);
  db.run('DELETE FROM last_resort_key_packages WHERE account = ?', account);
}

class Full extends Error {}

function publish(db: Database, upload: Upload): 'published' | 'full' {
  try {
    db.transaction(() => insert(db, upload));
    return 'published';
  } catch (error) {
    if (error instanceof Full) return 'full';
    throw error;
  }
}

function insert(db: Database, upload: Upload): void {
  const { account, device, lastResort } = upload;
  const oneTime = upload.oneTime.map((body) => ({
    body,
    digest: createHash('sha256').update(body).digest(),
  }));
  if (upload.replace === true)
    dropOthers(db, upload, new Set(oneTime.map(({ digest }) => digest.toString('hex'))));
  for (const { body, digest } of oneTime) {
    db.run(
      `INSERT INTO key_packages (account, device, digest, body) VALUES (?, ?, ?, ?)
       ON CONFLICT (account, device, digest) DO NOTHING`,
      account,
      device,
      digest,
      body,
    );
  }
  // Counted after the fact, since only now is it known which ones were new: the transaction rolls back.
  if (countLeft(db, account, device) > LIMITS.keyPackagesPerDevice) throw new Full();
  if (lastResort === undefined) return;
  db.run(
    'INSERT OR REPLACE INTO last_resort_key_packages (account, device, body) VALUES (?, ?, ?)',
    account,
    device,
    lastResort,
  );
}

/** Their digests stay: an old upload that comes late brings none of them back. */
function dropOthers(db: Database, { account, device }: Upload, kept: ReadonlySet<string>): void {
  const waiting = db.all(
    'SELECT id, digest FROM key_packages WHERE account = ? AND device = ? AND body IS NOT NULL',
    account,
    device,
  );
  for (const row of waiting) {
    if (kept.has(Buffer.from(readBlob(row, 'digest')).toString('hex'))) continue;
    db.run('UPDATE key_packages SET body = NULL WHERE id = ?', readInteger(row, 'id'));
  }
}

function claimOne(db: Database, account: AccountId, device: DeviceId): ClaimedKeyPackage[] {
  const oldest = db.get(
    'SELECT id, body FROM key_packages WHERE account = ? AND device = ? AND body IS NOT NULL ORDER BY id LIMIT 1',
    account,
    device,
  );
  if (oldest === undefined) {
    const lastResort = readLastResort(db, account, device);
    return lastResort === undefined ? [] : [{ device, keyPackage: lastResort, lastResort: true, left: 0 }];
  }
  db.run('UPDATE key_packages SET body = NULL WHERE id = ?', readInteger(oldest, 'id'));
  const left = countLeft(db, account, device);
  return [{ device, keyPackage: readBlob(oldest, 'body'), lastResort: false, left }];
}

function countLeft(db: Database, account: AccountId, device: DeviceId): number {
  const row = db.get(
    'SELECT count(*) AS count FROM key_packages WHERE account = ? AND device = ? AND body IS NOT NULL',
    account,
    device,
  );
  return row === undefined ? 0 : readInteger(row, 'count');
}

function readLastResort(db: Database, account: AccountId, device: DeviceId): Uint8Array | undefined {
  const row = db.get(
    'SELECT body FROM last_resort_key_packages WHERE account = ? AND device = ?',
    account,
    device,
  );
  return row === undefined ? undefined : readBlob(row, 'body');
}
