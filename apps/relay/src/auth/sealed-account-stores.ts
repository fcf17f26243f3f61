import type { AccountId } from '@sotto/protocol';
import type { AccountRecordKind, AccountRecordStore } from '../store/account-record-store.ts';
import type { AccountStores } from '../store/account-stores.ts';
import type { CounterStore } from '../store/counter-store.ts';
import type { RelayKeys } from './relay-keys.ts';

/**
 * The stores as the relay uses them. Whoever has the database without the relay's key does not read there what an account proves
 * itself with (addresses, secrets, passkeys) nor who came from where (counters), and cannot give one account's record to another.
 */
export function sealAccountStores(stores: AccountStores, keys: RelayKeys): AccountStores {
  const { accounts, signIns } = stores;
  return {
    ...stores,
    records: sealRecords(stores.records, keys),
    counters: hideCounters(stores.counters, keys),
    signIns: {
      admit({ record, ...signIn }) {
        const bytes = sealRecord(keys, signIn.session.account, 'sign_ins', record.bytes);
        return signIns.admit({ ...signIn, record: { ...record, bytes } });
      },
    },
    accounts: {
      ...accounts,
      create: (account, now) =>
        accounts.create(
          {
            ...account,
            proofs: account.proofs && sealRecord(keys, account.account, 'proofs', account.proofs),
          },
          now,
        ),
    },
  };
}

const NOBODY = new Uint8Array(16) as AccountId;

function sealRecords(records: AccountRecordStore, keys: RelayKeys): AccountRecordStore {
  const decoy = sealRecord(keys, NOBODY, 'proofs', new Uint8Array(64));
  return {
    async read(account, kind) {
      const record = await records.read(account, kind);
      // What is not there is opened too: its time does not tell whether an account is.
      if (record === undefined) {
        openRecord(keys, NOBODY, 'proofs', decoy);
        return undefined;
      }
      return { bytes: openRecord(keys, account, kind, record.bytes), version: record.version };
    },
    write: (account, kind, bytes, after) =>
      records.write(account, kind, sealRecord(keys, account, kind, bytes), after),
  };
}

function sealRecord(
  keys: RelayKeys,
  account: AccountId,
  kind: AccountRecordKind,
  bytes: Uint8Array,
): Uint8Array {
  return keys.seal(`account ${kind}`, Buffer.concat([account, bytes]));
}

/** Throws for a record that was altered, is another account's, or was written under another relay key. */
function openRecord(
  keys: RelayKeys,
  account: AccountId,
  kind: AccountRecordKind,
  sealed: Uint8Array,
): Uint8Array {
  const plain = keys.open(`account ${kind}`, sealed);
  if (plain === undefined || Buffer.compare(plain.subarray(0, account.length), account) !== 0) {
    throw new Error('account record does not open under this relay key');
  }
  return plain.subarray(account.length);
}

function hideCounters(counters: CounterStore, keys: RelayKeys): CounterStore {
  const hide = (key: string) =>
    Buffer.from(keys.mac('counter', Buffer.from(key)).subarray(0, 16)).toString('base64url');
  return {
    read: (key, now) => counters.read(hide(key), now),
    add: (key, seconds, now, window) => counters.add(hide(key), seconds, now, window),
    takeBack: (key) => counters.takeBack(hide(key)),
    forget: (key) => counters.forget(hide(key)),
    sweep: (now) => counters.sweep(now),
  };
}
