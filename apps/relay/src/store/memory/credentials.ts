import type { CredentialChange, CredentialStore, CredentialsChanged } from '../credential-store.ts';
import type { SessionId } from '../session-store.ts';
import type { MemoryAccountRecords } from './account-records.ts';
import { type AccountTable, fits, type KeptAccount } from './account-table.ts';
import type { MemoryChains } from './chains.ts';
import type { MemoryKeyPackages } from './key-packages.ts';
import type { MemorySessions } from './sessions.ts';

export interface MemoryCredentialsDeps {
  readonly table: AccountTable;
  readonly sessions: MemorySessions;
  readonly records: MemoryAccountRecords;
  readonly keyPackages: MemoryKeyPackages;
  readonly chains: MemoryChains;
}

export function createMemoryCredentials(deps: MemoryCredentialsDeps): CredentialStore {
  const { table, chains } = deps;
  return {
    async change(change) {
      return changeNow(deps, change);
    },
    async close(statement) {
      const kept = table.find(statement.account);
      if (kept?.credentials === undefined || !fits(kept, statement)) return { outcome: 'chain_conflict' };
      const revoked = chains.appendNow(kept, statement);
      return { outcome: 'changed', endedSessions: [...revoked, ...endNow(deps, kept)] };
    },
    async erase(account) {
      const kept = table.find(account);
      return kept?.credentials === undefined ? [] : endNow(deps, kept);
    },
  };
}

function changeNow(
  { table, sessions, chains }: MemoryCredentialsDeps,
  change: CredentialChange,
): CredentialsChanged {
  const { account, opaqueRecord, vault, after, recoveryHash, endSessions, session, statement } = change;
  const kept = table.find(account);
  const before = kept?.credentials;
  if (kept === undefined || before?.vaultVersion !== after) return { outcome: 'vault_conflict' };
  if (statement !== undefined && !fits(kept, statement)) return { outcome: 'chain_conflict' };
  kept.credentials = {
    opaqueRecord: opaqueRecord ?? before.opaqueRecord,
    vault,
    vaultVersion: after + 1,
    recoveryHash,
  };
  const ended: SessionId[] = statement === undefined ? [] : chains.appendNow(kept, statement);
  if (endSessions !== 'none') ended.push(...sessions.endAllNow(account, endSessions.allBut));
  if (session !== undefined) ended.push(...sessions.openNow(session));
  return { outcome: 'changed', endedSessions: ended };
}

/** What is left of an account is its name, its id and its chain. */
function endNow({ sessions, records, keyPackages }: MemoryCredentialsDeps, kept: KeptAccount): SessionId[] {
  kept.credentials = undefined;
  records.dropNow(kept.account);
  keyPackages.dropAccount(kept.account);
  return sessions.endAllNow(kept.account, undefined);
}
