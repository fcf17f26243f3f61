import type { AccountStores } from '../../../src/store/account-stores.ts';
import {
  ALICE,
  bytes,
  deviceOf,
  newPassword,
  nextStatement,
  sessionIdOf,
  sessionOf,
} from '../accounts/values.ts';

/** Alice is signed in on three devices; the second has KeyPackages, and there are records. */
export async function signUpAlice({
  accounts,
  keyPackages,
  records,
  sessions,
}: AccountStores): Promise<void> {
  await accounts.create({ ...ALICE, proofs: bytes(40, 9) }, 0);
  for (const fill of [2, 3]) await sessions.open(sessionOf(fill));
  await records.write(ALICE.account, 'activity', bytes(41, 9), 0);
  const { account } = ALICE;
  await keyPackages.publish({ account, device: deviceOf(2), oneTime: [bytes(5)], lastResort: bytes(6) });
}

const revoking = nextStatement({ revoked: [deviceOf(2)] });

/** What may happen to her account next. */
export const ACCOUNT_STEPS = {
  revoke: ({ chains }: AccountStores) => chains.append(revoking),
  change: ({ credentials }: AccountStores) =>
    credentials.change(newPassword({ statement: revoking, endSessions: { allBut: sessionIdOf(3) } })),
  close: ({ credentials }: AccountStores) => credentials.close(revoking),
  erase: ({ credentials }: AccountStores) => credentials.erase(ALICE.account),
} as const;
