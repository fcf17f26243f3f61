import { encodeHex, LIMITS, type Username } from '@sotto/protocol';
import type { Account, AccountStore } from '../account-store.ts';
import type { AccountStores } from '../account-stores.ts';
import type { ChainStore } from '../chain-store.ts';
import { createMemoryKeyPackages, type MemoryKeyPackages } from './key-packages.ts';
import { createMemorySessions, type MemorySessions } from './sessions.ts';

/** Stores of one process, gone with it. Every method acts within one turn of the event loop: that is its transaction. */
export function createMemoryAccountStores(): AccountStores {
  const sessions = createMemorySessions();
  const keyPackages = createMemoryKeyPackages(LIMITS.keyPackagesPerDevice);
  const chainByAccount: ChainByAccount = new Map();
  return {
    accounts: createAccounts(chainByAccount, sessions),
    chains: createChains(chainByAccount, sessions, keyPackages),
    keyPackages,
    sessions,
    probe: async () => {},
  };
}

type ChainByAccount = Map<string, { statements: Uint8Array[]; state: Uint8Array }>;

function createAccounts(chainByAccount: ChainByAccount, sessions: MemorySessions): AccountStore {
  const byName = new Map<string, Account>();
  const nameByAccount = new Map<string, Username>();
  return {
    async create({ username, account, opaqueRecord, vault, statement, chainState, session }) {
      if (byName.has(username)) return 'username_taken';
      const key = encodeHex(account);
      if (nameByAccount.has(key)) return 'account_taken';
      byName.set(username, { username, account, opaqueRecord, vault });
      nameByAccount.set(key, username);
      chainByAccount.set(key, { statements: [statement], state: chainState });
      sessions.openNow(session);
      return 'created';
    },
    async findByName(username) {
      return byName.get(username);
    },
    async findName(account) {
      return nameByAccount.get(encodeHex(account));
    },
    async list({ prefix, after, limit }) {
      const names = [...byName.keys()].filter((name) => name.startsWith(prefix) && name > after).sort();
      return names.slice(0, limit).flatMap((name) => {
        const found = byName.get(name);
        return found === undefined ? [] : [{ username: found.username, account: found.account }];
      });
    },
  };
}

function createChains(
  chainByAccount: ChainByAccount,
  sessions: MemorySessions,
  keyPackages: MemoryKeyPackages,
): ChainStore {
  return {
    async readStatements(account, from) {
      return chainByAccount.get(encodeHex(account))?.statements.slice(from);
    },
    async readState(account) {
      return chainByAccount.get(encodeHex(account))?.state;
    },
    async append({ account, seq, statement, state, revoked }) {
      const chain = chainByAccount.get(encodeHex(account));
      if (chain === undefined || chain.statements.length !== seq) return { outcome: 'conflict' };
      chain.statements.push(statement);
      chain.state = state;
      for (const device of revoked) keyPackages.dropDevice(account, device);
      const endedSessions = revoked.flatMap((device) => sessions.endDeviceNow(account, device));
      return { outcome: 'appended', endedSessions };
    },
  };
}
