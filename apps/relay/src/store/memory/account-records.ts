import { type AccountId, encodeHex } from '@sotto/protocol';
import type { AccountRecord, AccountRecordKind, AccountRecordStore } from '../account-record-store.ts';
import type { AccountTable } from './account-table.ts';

export interface MemoryAccountRecords extends AccountRecordStore {
  writeNow(
    account: AccountId,
    kind: AccountRecordKind,
    bytes: Uint8Array,
    after: number,
  ): 'written' | 'conflict';
  /** 0 when there is none. */
  versionNow(account: AccountId, kind: AccountRecordKind): number;
  dropNow(account: AccountId): void;
}

export function createMemoryAccountRecords(table: AccountTable): MemoryAccountRecords {
  const records = new Map<string, AccountRecord>();
  const keyOf = (account: AccountId, kind: AccountRecordKind) => `${kind} ${encodeHex(account)}`;
  const versionNow: MemoryAccountRecords['versionNow'] = (account, kind) =>
    records.get(keyOf(account, kind))?.version ?? 0;
  const writeNow: MemoryAccountRecords['writeNow'] = (account, kind, bytes, after) => {
    const key = keyOf(account, kind);
    if (table.find(account)?.credentials === undefined) return 'conflict';
    if (versionNow(account, kind) !== after) return 'conflict';
    records.set(key, { bytes, version: after + 1 });
    return 'written';
  };
  return {
    writeNow,
    versionNow,
    dropNow(account) {
      for (const kind of ['proofs', 'activity', 'sign_ins'] as const) records.delete(keyOf(account, kind));
    },
    read: async (account, kind) => records.get(keyOf(account, kind)),
    write: async (account, kind, bytes, after) => writeNow(account, kind, bytes, after),
  };
}
