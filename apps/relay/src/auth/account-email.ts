import { encodeHex, type Refusal, type RouteBody, type RouteResponse } from '@sotto/protocol';
import { isRefusal, refuse } from '../refuse.ts';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { OpenSession } from '../store/session-store.ts';
import type { AccountNotices } from './account-notices.ts';
import { changeProofs, type Proofs, readProofs } from './account-proofs.ts';
import type { CodeMail } from './code-mail.ts';
import type { Codes } from './codes.ts';
import { type Confirmation, isOf } from './confirmation.ts';
import type { MailLimits } from './mail-limits.ts';
import { dropUnusedCodes } from './second-factors.ts';
import type { Tickets } from './tickets.ts';

/** The address of an account, and codes by mail as its second factor. */
export interface AccountEmail {
  set(
    body: RouteBody<'setEmail'>,
    caller: OpenSession,
    address: string,
  ): Promise<RouteResponse<'setEmail'> | Refusal>;
  verify(body: RouteBody<'setEmailVerify'>, caller: OpenSession): Promise<Refusal | undefined>;
  remove(body: RouteBody<'removeEmail'>, caller: OpenSession): Promise<Refusal | undefined>;
  setFactor(body: RouteBody<'setMailFactor'>, caller: OpenSession): Promise<Refusal | undefined>;
}

export interface AccountEmailDeps {
  readonly accounts: AccountStore;
  readonly records: AccountRecordStore;
  readonly tickets: Tickets;
  readonly codes: Codes;
  readonly codeMail: CodeMail;
  readonly mailLimits: MailLimits;
  readonly confirmation: Confirmation;
  readonly notices: AccountNotices;
  /** Whether an account must have an address. */
  readonly requireEmail: boolean;
}

export function createAccountEmail(deps: AccountEmailDeps): AccountEmail {
  const { accounts, records, tickets, codes, codeMail, mailLimits, confirmation, notices } = deps;

  /** Writes another address, or none, and tells the one before, which may be the owner's last word on it. */
  const replace = async (
    { account }: OpenSession,
    change: (proofs: Proofs) => Proofs,
  ): Promise<Refusal | undefined> => {
    const username = await accounts.findName(account);
    if (username === undefined) return refuse('session_ended');
    const { email: before } = (await readProofs(records, account)).proofs;
    await changeProofs(records, account, change);
    const mail = before === undefined ? undefined : 'email_changed';
    await notices.tell({ account, username, change: 'email', mail, to: before });
    return undefined;
  };

  return {
    async set({ confirmation: shown, email }, caller, address) {
      if (!codeMail.on) return refuse('mail_off');
      const account = await confirmation.take(shown, caller);
      if (isRefusal(account)) return account;
      const wait =
        (await mailLimits.fromNetwork(address)) ??
        (await mailLimits.toMailbox(`address ${email.toLowerCase()}`, address)) ??
        (await mailLimits.toMailbox(`account ${encodeHex(caller.account)}`, address));
      if (wait !== undefined) return refuse('rate_limited', wait);
      const content = { account: caller.account, session: caller.id, email };
      const ticket = tickets.seal('set_email', content, codeMail.ticketSeconds);
      await codeMail.send({ purpose: 'email', ticket, to: email, username: account.username });
      return { ticket: ticket.ticket };
    },
    async verify({ ticket, code }, caller) {
      const opened = tickets.open('set_email', ticket);
      if (opened === undefined || !isOf(opened.content, caller)) return refuse('ticket_invalid');
      if (!(await codes.check(opened.id, code))) return refuse('code_wrong');
      if (!(await tickets.use(opened))) return refuse('ticket_invalid');
      const { email } = opened.content;
      return replace(caller, (proofs) => ({ ...proofs, email }));
    },
    async remove({ confirmation: shown }, caller) {
      if (deps.requireEmail) return refuse('email_required');
      const account = await confirmation.take(shown, caller);
      if (isRefusal(account)) return account;
      return replace(caller, ({ email: _, ...others }) => dropUnusedCodes({ ...others, mailFactor: false }));
    },
    async setFactor({ confirmation: shown, on }, caller) {
      if (on && !codeMail.on) return refuse('mail_off');
      const account = await confirmation.take(shown, caller);
      if (isRefusal(account)) return account;
      const changed = await changeProofs(records, caller.account, (proofs) =>
        on && proofs.email === undefined ? undefined : dropUnusedCodes({ ...proofs, mailFactor: on }),
      );
      if (changed === undefined) return refuse('email_required');
      const { username } = account;
      await notices.tell({
        account: caller.account,
        username,
        change: 'factors',
        mail: 'factors_changed',
      });
      return undefined;
    },
  };
}
