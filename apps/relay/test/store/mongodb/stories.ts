import type { AccountId, DeviceId, Username } from '@sotto/protocol';
import type { NewAccount } from '../../../src/store/account-store.ts';
import type { NewStatement } from '../../../src/store/chain-store.ts';
import type { NewSession, SessionId } from '../../../src/store/session-store.ts';
import { BOB, commit, filled, welcomeFor } from '../log-store-contract.ts';

export const CAROL = { account: filled(16, 4) as AccountId, device: filled(16, 5) as DeviceId };

/** Alice's commit in the first epoch of the log, with a Welcome for each of the two. */
export const addBobAndCarol = () => commit(2, 0, { deliveries: [welcomeFor(BOB, 7), welcomeFor(CAROL, 8)] });

export const BOBS_SESSION: NewSession = {
  ...BOB,
  id: filled(16, 60) as SessionId,
  refreshHash: filled(32, 61),
  expiresAt: 1000,
};

export const BOBS_ACCOUNT: NewAccount = {
  username: 'bob' as Username,
  account: BOB.account,
  opaqueRecord: filled(192, 1),
  vault: filled(40, 2),
  statement: filled(300, 3),
  chainState: filled(100, 4),
  session: BOBS_SESSION,
};

/** The statement that takes Bob's device out of his chain. */
export const revokeBob = (): NewStatement => ({
  account: BOB.account,
  seq: 1,
  statement: filled(300, 5),
  state: filled(100, 6),
  revoked: [BOB.device],
});
