import { type AccountId, encodeHex } from '@sotto/protocol';
import type { Account, Credentials } from '../account-store.ts';
import type { NewStatement } from '../chain-store.ts';

export interface KeptAccount extends Pick<Account, 'username' | 'account'> {
  /** Undefined once the account is over. */
  credentials: Credentials | undefined;
  readonly statements: Uint8Array[];
  chainState: Uint8Array;
}

/** All accounts of this process, by both of their names. */
export interface AccountTable {
  readonly byName: Map<string, KeptAccount>;
  readonly byId: Map<string, KeptAccount>;
  find(account: AccountId): KeptAccount | undefined;
}

export function createAccountTable(): AccountTable {
  const byId = new Map<string, KeptAccount>();
  return { byName: new Map(), byId, find: (account) => byId.get(encodeHex(account)) };
}

/** Whether the chain ends right before this statement. */
export function fits(kept: KeptAccount | undefined, { seq }: NewStatement): kept is KeptAccount {
  return kept !== undefined && kept.statements.length === seq;
}
