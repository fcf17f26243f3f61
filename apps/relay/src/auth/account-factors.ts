import { equalBytes, type Refusal, type RouteBody, type RouteResponse } from '@sotto/protocol';
import type { Clock, Random } from '../clock.ts';
import { isRefusal, refuse } from '../refuse.ts';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import type { Account, AccountStore } from '../store/account-store.ts';
import type { OpenSession } from '../store/session-store.ts';
import type { AccountNotices } from './account-notices.ts';
import { changeProofs, type Proofs } from './account-proofs.ts';
import type { Codes } from './codes.ts';
import { type Confirmation, isOf } from './confirmation.ts';
import { makeRecoveryCodes } from './recovery-codes.ts';
import type { RelayKeys } from './relay-keys.ts';
import { dropUnusedCodes } from './second-factors.ts';
import type { Tickets } from './tickets.ts';
import { describeTotp, findTotpStep, sealTotpSecret } from './totp.ts';

type Confirmed = { readonly confirmation: Uint8Array };

/** Authenticator apps and recovery codes. */
export interface AccountFactors {
  startTotp(body: Confirmed, caller: OpenSession): Promise<RouteResponse<'startTotp'> | Refusal>;
  finishTotp(
    body: RouteBody<'finishTotp'>,
    caller: OpenSession,
  ): Promise<RouteResponse<'finishTotp'> | Refusal>;
  removeTotp(body: Confirmed, caller: OpenSession): Promise<Refusal | undefined>;
  renewRecoveryCodes(
    body: Confirmed,
    caller: OpenSession,
  ): Promise<RouteResponse<'renewRecoveryCodes'> | Refusal>;
  removePasskey(body: RouteBody<'removePasskey'>, caller: OpenSession): Promise<Refusal | undefined>;
}

export interface AccountFactorsDeps {
  readonly accounts: AccountStore;
  readonly records: AccountRecordStore;
  readonly tickets: Tickets;
  readonly codes: Codes;
  readonly keys: RelayKeys;
  readonly confirmation: Confirmation;
  readonly notices: AccountNotices;
  readonly clock: Clock;
  readonly random: Random;
  readonly origin: () => string;
  /** Wrong codes that a ticket takes. */
  readonly codeTries: number;
}

/** Time to find the app, or the authenticator. */
export const SETUP_SECONDS = 900;

export function createAccountFactors(deps: AccountFactorsDeps): AccountFactors {
  const { accounts, records, tickets, codes, keys, confirmation, notices, clock, random, origin } = deps;

  const tell = async ({ account, username }: Pick<Account, 'account' | 'username'>): Promise<void> =>
    notices.tell({ account, username, change: 'factors', mail: 'factors_changed' });

  const changeConfirmed = async (
    { confirmation: shown }: Confirmed,
    caller: OpenSession,
    change: (proofs: Proofs) => Proofs,
  ): Promise<Refusal | undefined> => {
    const account = await confirmation.take(shown, caller);
    if (isRefusal(account)) return account;
    await changeProofs(records, caller.account, change);
    await tell(account);
    return undefined;
  };

  return {
    async startTotp({ confirmation: shown }, caller) {
      const account = await confirmation.take(shown, caller);
      if (isRefusal(account)) return account;
      const secret = random(20);
      const content = { account: caller.account, session: caller.id, secret };
      const sealed = tickets.seal('totp', content, SETUP_SECONDS);
      await codes.allowTries(sealed, deps.codeTries);
      return { ticket: sealed.ticket, ...describeTotp(secret, account.username, new URL(origin()).host) };
    },
    async finishTotp({ ticket, code }, caller) {
      const opened = tickets.open('totp', ticket);
      if (opened === undefined || !isOf(opened.content, caller)) return refuse('ticket_invalid');
      if (!(await codes.takeTry(opened.id))) return refuse('ticket_invalid');
      const { secret } = opened.content;
      const lastStep = findTotpStep(secret, code, clock());
      if (lastStep === undefined) return refuse('code_wrong');
      const username = await accounts.findName(caller.account);
      if (username === undefined || !(await tickets.use(opened))) return refuse('ticket_invalid');
      const { shown, kept } = makeRecoveryCodes(keys, caller.account, random);
      const totp = { secret: sealTotpSecret(keys, caller.account, secret), lastStep };
      await changeProofs(records, caller.account, (proofs) => ({ ...proofs, totp, recoveryCodes: kept }));
      await tell({ account: caller.account, username });
      return { recoveryCodes: shown };
    },
    removeTotp: (body, caller) =>
      changeConfirmed(body, caller, ({ totp: _, ...others }) => dropUnusedCodes(others)),
    async renewRecoveryCodes(body, caller) {
      const { shown, kept } = makeRecoveryCodes(keys, caller.account, random);
      const refused = await changeConfirmed(body, caller, (proofs) => ({ ...proofs, recoveryCodes: kept }));
      return refused ?? { recoveryCodes: shown };
    },
    removePasskey: (body, caller) =>
      changeConfirmed(body, caller, (proofs) =>
        dropUnusedCodes({
          ...proofs,
          passkeys: proofs.passkeys.filter(({ id }) => !equalBytes(id, body.id)),
        }),
      ),
  };
}
