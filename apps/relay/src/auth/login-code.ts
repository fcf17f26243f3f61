import { encodeHex, type Refusal, type RouteBody, type RouteResponse } from '@sotto/protocol';
import { refuse } from '../refuse.ts';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import type { AccountStore } from '../store/account-store.ts';
import { readProofs } from './account-proofs.ts';
import { findProved } from './admission.ts';
import type { CodeMail } from './code-mail.ts';
import type { MailLimits } from './mail-limits.ts';
import type { ResetMail } from './reset-mail.ts';
import type { OpenTicket, Tickets } from './tickets.ts';

/** Sends the mail code that a ticket waits for, or sends it again. */
export interface LoginCode {
  send(body: RouteBody<'loginCode'>, address: string): Promise<RouteResponse<'loginCode'> | Refusal>;
}

export interface LoginCodeDeps {
  readonly accounts: AccountStore;
  readonly records: AccountRecordStore;
  readonly tickets: Tickets;
  readonly codeMail: CodeMail;
  readonly mailLimits: MailLimits;
  readonly resetMail: ResetMail;
}

export function createLoginCode(deps: LoginCodeDeps): LoginCode {
  const { accounts, records, tickets, codeMail, mailLimits, resetMail } = deps;

  /** Of who proved the password, so it may be said what there is. */
  const sendSignIn = async (
    opened: OpenTicket<'second_factor'>,
    address: string,
  ): Promise<Refusal | undefined> => {
    const account = await findProved(accounts, opened.content);
    if (account === undefined) return refuse('ticket_invalid');
    if (!codeMail.on) return refuse('mail_off');
    const { email: to, mailFactor } = (await readProofs(records, account.account)).proofs;
    if (to === undefined || !mailFactor) return refuse('email_required');
    // Not counted with what strangers ask for: they cannot keep an owner from this code.
    const wait = await mailLimits.toMailbox(`sign in ${encodeHex(account.account)}`, address);
    if (wait !== undefined) return refuse('rate_limited', wait);
    await codeMail.send({ purpose: 'sign_in', ticket: opened, to, username: account.username });
    return undefined;
  };

  /** Of a name that may be nobody's: the same steps and answer for all. */
  const sendReset = async (opened: OpenTicket<'forgot'>, address: string): Promise<Refusal | undefined> => {
    const wait = await resetMail.waitFor(address);
    if (wait !== undefined) return refuse('rate_limited', wait);
    await resetMail.send(opened.content.username, opened, address);
    return undefined;
  };

  return {
    async send({ ticket }, address) {
      const signIn = tickets.open('second_factor', ticket);
      const reset = tickets.open('forgot', ticket);
      const opened = signIn ?? reset;
      if (opened === undefined || (await tickets.isUsed(opened))) return refuse('ticket_invalid');
      if (signIn !== undefined) return (await sendSignIn(signIn, address)) ?? {};
      return (reset === undefined ? undefined : await sendReset(reset, address)) ?? {};
    },
  };
}
