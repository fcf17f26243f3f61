import { type InboxItem, LIMITS } from '@sotto/protocol';
import { type InboxAddress, inboxItemSize } from '../inbox-store.ts';
import type { InboxDelivery } from '../log-store.ts';
import type { Database } from './database.ts';

/** Whether an inbox has room for `more` items beside those that have not expired. */
export function hasRoom(db: Database, address: InboxAddress, more: number, today: number): boolean {
  const sql = 'SELECT count(*) AS held FROM inbox_items WHERE address = ? AND expiry_day >= ?';
  return Number(db.get(sql, addressKey(address), today)?.held) + more <= LIMITS.inboxItems;
}

/** Puts an item into its inbox; answers its place there. */
export function insertItem(db: Database, delivery: InboxDelivery): number {
  const address = addressKey(delivery);
  const next = `INSERT INTO inboxes (address, last) VALUES (?, 1)
    ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last`;
  const seq = Number(db.get(next, address)?.last);
  const sql = 'INSERT INTO inbox_items (address, seq, expiry_day, body) VALUES (?, ?, ?, ?)';
  db.run(sql, address, seq, delivery.expiryDay, delivery.body);
  return seq;
}

/** Items after `after` that have not expired, as many as one run holds. */
export function selectItems(db: Database, address: InboxAddress, after: number, today: number): InboxItem[] {
  const sql = `SELECT seq, expiry_day, body FROM inbox_items
    WHERE address = ? AND seq > ? AND expiry_day >= ? ORDER BY seq`;
  const items: InboxItem[] = [];
  let size = 0;
  for (const row of db.prepare(sql).iterate(addressKey(address), after, today)) {
    const body = row.body as Uint8Array;
    items.push({ seq: Number(row.seq), expiryDay: Number(row.expiry_day), body });
    size += inboxItemSize({ body });
    if (items.length === LIMITS.runEntries || size >= LIMITS.run) break;
  }
  return items;
}

export function deleteItems(db: Database, address: InboxAddress, upTo: number): void {
  db.run('DELETE FROM inbox_items WHERE address = ? AND seq <= ?', addressKey(address), upTo);
}

/** Answers how many expired before `today`. */
export function deleteExpired(db: Database, today: number): number {
  return db.run('DELETE FROM inbox_items WHERE expiry_day < ?', today).changes;
}

function addressKey({ account, device }: InboxAddress): Uint8Array {
  return Buffer.concat([account, device]);
}
