import { encodeHex } from '@sotto/protocol';
import type { Account, AccountStore } from '../account-store.ts';
import type { MemoryAccountRecords } from './account-records.ts';
import type { AccountTable, KeptAccount } from './account-table.ts';
import type { MemoryInvites } from './invites.ts';
import type { MemorySessions } from './sessions.ts';

export interface MemoryAccountsDeps {
  readonly table: AccountTable;
  readonly sessions: MemorySessions;
  readonly records: MemoryAccountRecords;
  readonly invites: MemoryInvites;
}

export function createMemoryAccounts({
  table,
  sessions,
  records,
  invites,
}: MemoryAccountsDeps): AccountStore {
  return {
    async create({ username, account, opaqueRecord, vault, ...rest }, now) {
      if (rest.invite !== undefined && !invites.isOpenNow(rest.invite, now)) return 'invite_invalid';
      if (table.byName.has(username)) return 'username_taken';
      if (table.find(account) !== undefined) return 'account_taken';
      const kept: KeptAccount = {
        username,
        account,
        credentials: { opaqueRecord, vault, vaultVersion: 0, recoveryHash: undefined },
        statements: [rest.statement],
        chainState: rest.chainState,
      };
      table.byName.set(username, kept);
      table.byId.set(encodeHex(account), kept);
      if (rest.invite !== undefined) invites.useNow(rest.invite);
      if (rest.proofs !== undefined) records.writeNow(account, 'proofs', rest.proofs, 0);
      sessions.openNow(rest.session);
      return 'created';
    },
    async findByName(username) {
      return asAccount(table.byName.get(username));
    },
    async find(account) {
      return asAccount(table.find(account));
    },
    async findName(account) {
      return table.find(account)?.username;
    },
    async list({ prefix, after, limit }) {
      return [...table.byName.values()]
        .filter((kept) => kept.credentials !== undefined)
        .map(({ username, account }) => ({ username, account }))
        .filter(({ username }) => username.startsWith(prefix) && username > after)
        .sort((a, b) => (a.username < b.username ? -1 : 1))
        .slice(0, limit);
    },
  };
}

function asAccount(kept: KeptAccount | undefined): Account | undefined {
  if (kept?.credentials === undefined) return undefined;
  return { username: kept.username, account: kept.account, ...kept.credentials };
}
