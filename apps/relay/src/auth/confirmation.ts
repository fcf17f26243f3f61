import { equalBytes, LIMITS, type Refusal, type RouteBody, type RouteResponse } from '@sotto/protocol';
import { refuse } from '../refuse.ts';
import type { Account, AccountStore } from '../store/account-store.ts';
import type { OpenSession } from '../store/session-store.ts';
import { findProved, fingerprintOf } from './admission.ts';
import type { Attempts } from './attempts.ts';
import { checkPassword } from './login.ts';
import type { OpaqueServer } from './opaque-server.ts';
import type { Tickets } from './tickets.ts';

/** That who is signed in knows the password, for one change: a session left open on a desk is not the account. */
export interface Confirmation {
  start(
    body: RouteBody<'confirm'>,
    caller: OpenSession,
    address: string,
  ): Promise<RouteResponse<'confirm'> | Refusal>;
  finish(
    body: RouteBody<'confirmFinish'>,
    caller: OpenSession,
    address: string,
  ): Promise<RouteResponse<'confirmFinish'> | Refusal>;
  /** The account, when the confirmation is of this session, of the password as it is, in time, and unused; it then is used. */
  take(confirmation: Uint8Array, caller: OpenSession): Promise<Account | Refusal>;
}

export interface ConfirmationDeps {
  readonly accounts: AccountStore;
  readonly tickets: Tickets;
  readonly opaque: OpaqueServer;
  readonly attempts: Attempts;
}

export function createConfirmation(deps: ConfirmationDeps): Confirmation {
  const { accounts, tickets, opaque, attempts } = deps;
  return {
    async start({ request }, caller, address) {
      const account = await accounts.find(caller.account);
      if (account === undefined) return refuse('session_ended');
      const { username, opaqueRecord } = account;
      const wait = await attempts.begin({ username, address });
      if (wait !== undefined) return refuse('rate_limited', wait);
      const started = opaque.startLogin(username, opaqueRecord, request);
      if (started === undefined) return refuse('bad_request');
      const content = { username, session: caller.id, state: started.state };
      const { ticket } = tickets.seal('confirm', content, LIMITS.loginTicketSeconds);
      return { ticket, response: started.response };
    },
    async finish({ ticket, finish }, caller, address) {
      const content = await tickets.take('confirm', ticket);
      if (content === undefined || !equalBytes(content.session, caller.id)) return refuse('ticket_invalid');
      const account = await checkPassword({ accounts, opaque }, content, finish);
      if (account === undefined) return refuse('wrong_credentials');
      await attempts.succeed({ username: content.username, address });
      const confirmed = { account: account.account, session: caller.id, record: fingerprintOf(account) };
      return {
        confirmation: tickets.seal('confirmation', confirmed, LIMITS.confirmationSeconds).ticket,
      };
    },
    async take(confirmation, caller) {
      const opened = tickets.open('confirmation', confirmation);
      if (opened === undefined || !isOf(opened.content, caller) || !(await tickets.use(opened))) {
        return refuse('confirmation_invalid');
      }
      return (await findProved(accounts, opened.content)) ?? refuse('confirmation_invalid');
    },
  };
}

/** Whether a ticket was made for this very session. */
export function isOf(
  content: { readonly account: Uint8Array; readonly session: Uint8Array },
  caller: OpenSession,
): boolean {
  return equalBytes(content.account, caller.account) && equalBytes(content.session, caller.id);
}
