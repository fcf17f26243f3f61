import { equalBytes, LIMITS, type Refusal, type RouteBody, type RouteResponse } from '@sotto/protocol';
import type { Clock, Random } from '../clock.ts';
import { isRefusal, refuse } from '../refuse.ts';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { OpenSession } from '../store/session-store.ts';
import { SETUP_SECONDS } from './account-factors.ts';
import type { AccountNotices } from './account-notices.ts';
import { changeProofs, type Passkey, type Proofs, readProofs } from './account-proofs.ts';
import { type Confirmation, isOf } from './confirmation.ts';
import type { Passkeys } from './passkeys.ts';
import { makeRecoveryCodes } from './recovery-codes.ts';
import type { RelayKeys } from './relay-keys.ts';
import { listLosableFactors } from './second-factors.ts';
import type { Tickets } from './tickets.ts';

/** Further passkeys of an account. */
export interface AccountPasskeys {
  start(
    body: RouteBody<'startPasskey'>,
    caller: OpenSession,
  ): Promise<RouteResponse<'startPasskey'> | Refusal>;
  finish(
    body: RouteBody<'finishPasskey'>,
    caller: OpenSession,
  ): Promise<RouteResponse<'finishPasskey'> | Refusal>;
}

export interface AccountPasskeysDeps {
  readonly accounts: AccountStore;
  readonly records: AccountRecordStore;
  readonly tickets: Tickets;
  readonly passkeys: Passkeys;
  readonly keys: RelayKeys;
  readonly confirmation: Confirmation;
  readonly notices: AccountNotices;
  readonly clock: Clock;
  readonly random: Random;
}

/** Bytes of all credential ids of an account: what a sign-in offers names each, and has its limit. */
const IDS_BYTES = 4096;

export function createAccountPasskeys(deps: AccountPasskeysDeps): AccountPasskeys {
  const { accounts, records, tickets, passkeys, keys, confirmation, notices, clock, random } = deps;
  return {
    async start({ confirmation: shown }, caller) {
      const confirmed = await confirmation.take(shown, caller);
      if (isRefusal(confirmed)) return confirmed;
      const { account, username } = confirmed;
      const known = (await readProofs(records, account)).proofs.passkeys;
      if (known.length >= LIMITS.passkeys) return refuse('quota_exceeded');
      const challenge = random(32);
      const { ticket } = tickets.seal('passkey', { account, session: caller.id, challenge }, SETUP_SECONDS);
      return { ticket, options: await passkeys.creationOptions({ account, username, challenge, known }) };
    },
    async finish({ ticket, response, label }, caller) {
      const opened = tickets.open('passkey', ticket);
      if (opened === undefined || !isOf(opened.content, caller)) return refuse('ticket_invalid');
      const created = await passkeys.verifyCreation(response, opened.content.challenge);
      if (created === undefined) return refuse('bad_request');
      const username = await accounts.findName(caller.account);
      if (username === undefined || !(await tickets.use(opened))) return refuse('ticket_invalid');
      const passkey: Passkey = { ...created, addedAt: clock(), ...(label !== undefined && { label }) };
      const { shown, kept } = makeRecoveryCodes(keys, caller.account, random);
      const changed = await changeProofs(records, caller.account, (proofs) => {
        if (!hasRoom(proofs, passkey)) return undefined;
        const recoveryCodes = listLosableFactors(proofs).length === 0 ? kept : proofs.recoveryCodes;
        return { ...proofs, passkeys: [...proofs.passkeys, passkey], recoveryCodes };
      });
      if (changed === undefined) return refuse('quota_exceeded');
      await notices.tell({
        account: caller.account,
        username,
        change: 'factors',
        mail: 'factors_changed',
      });
      const isFirst = changed.recoveryCodes === kept;
      return { id: passkey.id, ...(isFirst && { recoveryCodes: shown }) };
    },
  };
}

function hasRoom({ passkeys }: Proofs, { id }: Passkey): boolean {
  const bytes = passkeys.reduce((sum, other) => sum + other.id.length, id.length);
  const isNew = !passkeys.some((other) => equalBytes(other.id, id));
  return isNew && passkeys.length < LIMITS.passkeys && bytes <= IDS_BYTES;
}
