import { equalBytes } from '@sotto/protocol';
import type { SignIn, SignInOutcome, SignInStore } from '../sign-in-store.ts';
import type { MemoryAccountRecords } from './account-records.ts';
import type { AccountTable } from './account-table.ts';
import type { MemoryCodes } from './codes.ts';
import type { MemorySessions } from './sessions.ts';

export interface MemorySignInsDeps {
  readonly table: AccountTable;
  readonly sessions: MemorySessions;
  readonly records: MemoryAccountRecords;
  readonly codes: MemoryCodes;
}

export function createMemorySignIns({ table, sessions, records, codes }: MemorySignInsDeps): SignInStore {
  const stands = ({ session: { account }, grounds }: SignIn): boolean => {
    const kept = table.find(account);
    return (
      kept?.credentials?.vaultVersion === grounds.vaultVersion &&
      records.versionNow(account, 'proofs') === grounds.proofs &&
      kept.statements.length === grounds.statements
    );
  };
  const endBeyond = ({ session: { id, account, openedAt }, atMost }: SignIn) =>
    sessions
      .listNow(account, openedAt)
      .filter((other) => !equalBytes(other.id, id))
      .sort((a, b) => b.renewedAt - a.renewedAt)
      .slice(atMost - 1)
      .map((other) => {
        sessions.endNow(other.id);
        return other.id;
      });
  const admitNow = (signIn: SignIn): SignInOutcome => {
    const { session, claim, record } = signIn;
    if (!stands(signIn)) return { outcome: 'moved', ended: [], claimed: false };
    if (claim !== undefined && !codes.claimNow(claim.id, claim.expiresAt)) return { outcome: 'claimed' };
    const ended = [...sessions.openNow(session), ...endBeyond(signIn)];
    const written = records.writeNow(session.account, 'sign_ins', record.bytes, record.after);
    return { outcome: 'opened', ended, noted: written === 'written' };
  };
  return { admit: async (signIn) => admitNow(signIn) };
}
