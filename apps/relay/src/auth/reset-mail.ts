import type { AccountId, Username } from '@sotto/protocol';
import type { Random } from '../clock.ts';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import type { AccountStore } from '../store/account-store.ts';
import { readProofs } from './account-proofs.ts';
import type { CodeMail } from './code-mail.ts';
import type { MailLimits } from './mail-limits.ts';

/** Mails the code of a reset, or does what looks the same from outside: there may be no such name, or no address for it. */
export interface ResetMail {
  readonly ticketSeconds: number;
  /** Seconds that this network has to wait, whomever it asks for. */
  waitFor(address: string): Promise<number | undefined>;
  send(
    username: Username,
    ticket: { readonly id: Uint8Array; readonly expiresAt: number },
    address: string,
  ): Promise<void>;
}

export interface ResetMailDeps {
  readonly accounts: AccountStore;
  readonly records: AccountRecordStore;
  readonly codeMail: CodeMail;
  readonly mailLimits: MailLimits;
  readonly random: Random;
}

export function createResetMail(deps: ResetMailDeps): ResetMail {
  const { accounts, records, codeMail, mailLimits, random } = deps;
  return {
    ticketSeconds: codeMail.ticketSeconds,
    waitFor: mailLimits.fromNetwork,
    async send(username, ticket, address) {
      const account = await accounts.findByName(username);
      const { proofs } = await readProofs(records, account?.account ?? (random(16) as AccountId));
      // A mailbox that has had enough gets no more, and who asked is not told: whether it exists is not theirs to know.
      const held = await mailLimits.toMailbox(`reset ${username}`, address);
      const to = held === undefined ? proofs.email : undefined;
      await codeMail.send({ purpose: 'reset', ticket, to, username });
    },
  };
}
