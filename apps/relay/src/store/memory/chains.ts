import type { ChainStore, NewStatement } from '../chain-store.ts';
import type { SessionId } from '../session-store.ts';
import { type AccountTable, fits, type KeptAccount } from './account-table.ts';
import type { MemoryKeyPackages } from './key-packages.ts';
import type { MemorySessions } from './sessions.ts';

export interface MemoryChainsDeps {
  readonly table: AccountTable;
  readonly sessions: MemorySessions;
  readonly keyPackages: MemoryKeyPackages;
}

export interface MemoryChains extends ChainStore {
  /** Within the caller's step, and only where it `fits`. Answers the sessions that it ended. */
  appendNow(kept: KeptAccount, statement: NewStatement): SessionId[];
}

export function createMemoryChains({ table, sessions, keyPackages }: MemoryChainsDeps): MemoryChains {
  const appendNow: MemoryChains['appendNow'] = (kept, { account, statement, state, revoked }) => {
    kept.statements.push(statement);
    kept.chainState = state;
    for (const device of revoked) keyPackages.dropDevice(account, device);
    return revoked.flatMap((device) => sessions.endDeviceNow(account, device));
  };
  return {
    appendNow,
    async readStatements(account, from) {
      return table.find(account)?.statements.slice(from);
    },
    async readState(account) {
      return table.find(account)?.chainState;
    },
    async append(statement) {
      const kept = table.find(statement.account);
      if (!fits(kept, statement)) return { outcome: 'conflict' };
      return { outcome: 'appended', endedSessions: appendNow(kept, statement) };
    },
  };
}
