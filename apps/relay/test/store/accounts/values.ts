import type { AccountId, DeviceId, Username } from '@sotto/protocol';
import type { NewAccount } from '../../../src/store/account-store.ts';
import type { NewStatement } from '../../../src/store/chain-store.ts';
import type { CredentialChange } from '../../../src/store/credential-store.ts';
import type { NewSession, SessionId } from '../../../src/store/session-store.ts';

export const bytes = (fill: number, length = 16) => new Uint8Array(length).fill(fill);
export const nameOf = (name: string) => name as Username;
export const accountOf = (fill: number) => bytes(fill) as AccountId;
export const deviceOf = (fill: number) => bytes(fill) as DeviceId;
export const sessionIdOf = (fill: number) => bytes(fill) as SessionId;

/** Opened at 0, over at 1000. */
export const sessionOf = (fill: number, changes: Partial<NewSession> = {}): NewSession => ({
  id: sessionIdOf(fill),
  account: accountOf(1),
  device: deviceOf(fill),
  refreshHash: bytes(fill, 32),
  openedAt: 0,
  lifetime: 1000,
  shared: false,
  ...changes,
});

export const newAccount = (name: string, fill: number, changes: Partial<NewAccount> = {}): NewAccount => ({
  username: nameOf(name),
  account: accountOf(fill),
  opaqueRecord: bytes(fill, 192),
  vault: bytes(fill, 40),
  statement: bytes(fill, 300),
  chainState: bytes(fill, 100),
  session: sessionOf(fill, { account: accountOf(fill) }),
  proofs: undefined,
  invite: undefined,
  ...changes,
});

export const ALICE = newAccount('alice', 1);

/** The second statement of Alice's chain. */
export const nextStatement = (changes: Partial<NewStatement> = {}): NewStatement => ({
  account: ALICE.account,
  seq: 1,
  statement: bytes(7, 50),
  state: bytes(8, 60),
  revoked: [],
  ...changes,
});

/** Alice's next password: everything else stays. */
export const newPassword = (changes: Partial<CredentialChange> = {}): CredentialChange => ({
  account: ALICE.account,
  opaqueRecord: bytes(20, 192),
  vault: bytes(21, 40),
  after: 0,
  recoveryHash: undefined,
  endSessions: 'none',
  session: undefined,
  statement: undefined,
  ...changes,
});
