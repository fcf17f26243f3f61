import {
  type FactorMethod,
  LIMITS,
  type Refusal,
  type RouteBody,
  type RouteResponse,
  type Username,
} from '@sotto/protocol';
import type { Random } from '../clock.ts';
import { refuse } from '../refuse.ts';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import type { Account, AccountStore } from '../store/account-store.ts';
import { type Proofs, readProofs } from './account-proofs.ts';
import { type Admission, type Admitted, findProved, fingerprintOf } from './admission.ts';
import type { Attempts } from './attempts.ts';
import type { CodeMail } from './code-mail.ts';
import type { Codes } from './codes.ts';
import type { OpaqueServer } from './opaque-server.ts';
import type { Passkeys } from './passkeys.ts';
import { listFactors, listStandIns, type SecondFactors } from './second-factors.ts';
import type { OpenTicket, Tickets } from './tickets.ts';

/** Another proof is wanted before anything of the vault leaves. */
export type Wanted = Extract<RouteResponse<'loginFinish'>, { state: 'second_factor' }>;

export interface Login {
  /** Answers every name alike: whether it exists shows in no body, size or code, and at no finish. */
  start(body: RouteBody<'login'>, address: string): Promise<RouteResponse<'login'> | Refusal>;
  finish(body: RouteBody<'loginFinish'>, address: string): Promise<Admitted | Wanted | Refusal>;
  verify(body: RouteBody<'loginVerify'>, address: string): Promise<Admitted | Refusal>;
}

export interface LoginDeps {
  readonly accounts: AccountStore;
  readonly records: AccountRecordStore;
  readonly tickets: Tickets;
  readonly codes: Codes;
  readonly codeMail: CodeMail;
  readonly opaque: OpaqueServer;
  readonly passkeys: Passkeys;
  readonly secondFactors: SecondFactors;
  readonly admission: Admission;
  readonly attempts: Attempts;
  readonly random: Random;
}

export function createLogin(deps: LoginDeps): Login {
  const { accounts, records, tickets, codes, codeMail, opaque, passkeys, secondFactors } = deps;
  const { admission, attempts, random } = deps;

  const wantSecondFactor = async (
    account: Account,
    proofs: Proofs,
    { device, shared = false }: RouteBody<'loginFinish'>,
  ): Promise<Wanted> => {
    const challenge = random(32);
    const { username } = account;
    const content = { username, account: account.account, record: fingerprintOf(account), device, shared };
    const sealed = tickets.seal('second_factor', { ...content, challenge }, codeMail.ticketSeconds);
    await codes.allowTries(sealed, await attempts.codeTries(username));
    const methods = [...listFactors(proofs), ...listStandIns(proofs, account)];
    return describeWanted(sealed.ticket, methods, proofs, passkeys, challenge);
  };

  /** The password was right. */
  const finishProved = async (
    account: Account,
    ticket: OpenTicket<'login'>,
    body: RouteBody<'loginFinish'>,
    address: string,
  ): Promise<Admitted | Wanted | Refusal> => {
    const { device, shared = false } = body;
    const read = await readProofs(records, account.account);
    if (listFactors(read.proofs).length === 0)
      return admission.admit({ account, device, shared, method: 'password', address, ticket, read });
    return (await tickets.use(ticket))
      ? wantSecondFactor(account, read.proofs, body)
      : refuse('ticket_invalid');
  };

  return {
    async start({ username, request }, address) {
      const wait = await attempts.begin({ username, address });
      if (wait !== undefined) return refuse('rate_limited', wait);
      const account = await accounts.findByName(username);
      const started = opaque.startLogin(username, account?.opaqueRecord, request);
      if (started === undefined) return refuse('bad_request');
      const content = { username, state: started.state };
      const { ticket } = tickets.seal('login', content, LIMITS.loginTicketSeconds);
      return { ticket, response: started.response };
    },
    async finish(body, address) {
      const ticket = tickets.open('login', body.ticket);
      // A used one is worth no work. Of those that come at once its mark lets one through, whatever the password was.
      if (ticket === undefined || (await tickets.isUsed(ticket))) return refuse('ticket_invalid');
      const account = await checkPassword(deps, ticket.content, body.finish);
      if (account !== undefined) return finishProved(account, ticket, body, address);
      return refuse((await tickets.use(ticket)) ? 'wrong_credentials' : 'ticket_invalid');
    },
    async verify({ ticket, proof }, address) {
      const opened = tickets.open('second_factor', ticket);
      if (opened === undefined || !(await codes.takeTry(opened.id))) return refuse('ticket_invalid');
      const { username, device, shared, challenge } = opened.content;
      const account = await findProved(accounts, opened.content);
      if (account === undefined) return refuse('ticket_invalid');
      const refused = await secondFactors.verify(account, proof, { id: opened.id, challenge });
      if (refused?.code === 'code_wrong') await attempts.failCode({ username, address });
      if (refused !== undefined) return refused;
      return admission.admit({ account, device, shared, method: proof.method, address, ticket: opened });
    },
  };
}

/** The account, when the password was right. Takes the same steps for names that nobody has. */
export async function checkPassword(
  { accounts, opaque }: Pick<LoginDeps, 'accounts' | 'opaque'>,
  { username, state }: { readonly username: Username; readonly state: string },
  finish: Uint8Array,
): Promise<Account | undefined> {
  const account = await accounts.findByName(username);
  return opaque.finishLogin(username, state, finish) ? account : undefined;
}

/** `passkey`: what the browser needs to ask for one, where one would do. */
export async function describeWanted(
  ticket: Uint8Array,
  methods: FactorMethod[],
  { passkeys: known }: Proofs,
  passkeys: Passkeys,
  challenge: Uint8Array,
): Promise<Wanted> {
  const wanted = { state: 'second_factor', ticket, methods } as const;
  if (!methods.includes('passkey')) return wanted;
  return { ...wanted, passkey: await passkeys.requestOptions(known, challenge) };
}
