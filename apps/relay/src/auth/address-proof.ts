import type { Email, Refusal, RouteBody, RouteResponse } from '@sotto/protocol';
import { refuse } from '../refuse.ts';
import type { CodeMail } from './code-mail.ts';
import type { Codes } from './codes.ts';
import type { MailLimits } from './mail-limits.ts';
import type { RegistrationDoor } from './registration-door.ts';
import type { Tickets } from './tickets.ts';

/** That an address is the caller's, before there is an account. */
export interface AddressProof {
  start(body: RouteBody<'registerEmail'>, address: string): Promise<RouteResponse<'registerEmail'> | Refusal>;
  verify(body: RouteBody<'registerEmailVerify'>): Promise<RouteResponse<'registerEmailVerify'> | Refusal>;
  /** The proved address of a ticket. */
  read(proof: Uint8Array): Email | undefined;
}

export interface AddressProofDeps {
  readonly tickets: Tickets;
  readonly codes: Codes;
  readonly codeMail: CodeMail;
  readonly mailLimits: MailLimits;
  readonly door: RegistrationDoor;
}

/** Time to find a name and a password. */
const PROOF_SECONDS = 1800;

export function createAddressProof(deps: AddressProofDeps): AddressProof {
  const { tickets, codes, codeMail, mailLimits, door } = deps;
  return {
    async start({ email, work, invite }, address) {
      const shut = await door.knock({ work, invite });
      if (shut !== undefined) return shut;
      if (!codeMail.on) return refuse('mail_off');
      const wait =
        (await mailLimits.fromNetwork(address)) ??
        (await mailLimits.toMailbox(`address ${email.toLowerCase()}`, address));
      if (wait !== undefined) return refuse('rate_limited', wait);
      const ticket = tickets.seal('register_email', { email }, codeMail.ticketSeconds);
      await codeMail.send({ purpose: 'register', ticket, to: email, username: undefined });
      return { ticket: ticket.ticket };
    },
    async verify({ ticket, code }) {
      const opened = tickets.open('register_email', ticket);
      if (opened === undefined) return refuse('ticket_invalid');
      if (!(await codes.check(opened.id, code))) return refuse('code_wrong');
      if (!(await tickets.use(opened))) return refuse('ticket_invalid');
      const { email } = opened.content;
      return { proof: tickets.seal('email_proof', { email }, PROOF_SECONDS).ticket };
    },
    read: (proof) => tickets.open('email_proof', proof)?.content.email,
  };
}
