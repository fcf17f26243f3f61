import type { Refusal, RouteBody, RouteResponse } from '@sotto/protocol';
import type { Random } from '../clock.ts';
import { refuse } from '../refuse.ts';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import type { Account, AccountStore } from '../store/account-store.ts';
import { type Proofs, readProofs } from './account-proofs.ts';
import { findProved, fingerprintOf } from './admission.ts';
import type { Attempts } from './attempts.ts';
import type { Codes } from './codes.ts';
import { describeWanted } from './login.ts';
import type { Passkeys } from './passkeys.ts';
import type { ResetMail } from './reset-mail.ts';
import { isRecoveryKey, listLosableFactors, listStandIns, type SecondFactors } from './second-factors.ts';
import type { OpenTicket, Tickets } from './tickets.ts';
import type { Work } from './work.ts';

type Proof = RouteBody<'resetPassword'>['proof'];
type Step = RouteResponse<'resetPassword'>;
type ReadProofs = Awaited<ReturnType<typeof readProofs>>;

/** The way back into an account whose password is forgotten, up to the point where it is proved. */
export interface Reset {
  /** The same steps and the same answer for every name. */
  start(
    body: RouteBody<'forgotPassword'>,
    address: string,
  ): Promise<RouteResponse<'forgotPassword'> | Refusal>;
  prove(body: RouteBody<'resetPassword'>, address: string): Promise<Step | Refusal>;
}

export interface ResetDeps {
  readonly accounts: AccountStore;
  readonly records: AccountRecordStore;
  readonly tickets: Tickets;
  readonly codes: Codes;
  readonly work: Work;
  readonly resetMail: ResetMail;
  readonly passkeys: Passkeys;
  readonly secondFactors: SecondFactors;
  readonly attempts: Attempts;
  readonly random: Random;
}

/** Time to find a new password, and to read what is lost. */
const RESET_SECONDS = 1800;

export function createReset(deps: ResetDeps): Reset {
  const { accounts, records, tickets, codes, work, resetMail, passkeys, secondFactors } = deps;
  const { attempts, random } = deps;

  const finishProof = (account: Account, { proofs, version }: ReadProofs): Step | Refusal => {
    if (proofs.disabled) return refuse('account_disabled');
    const { username, vault, vaultVersion } = account;
    const content = { username, account: account.account, record: fingerprintOf(account), proofs: version };
    const { ticket } = tickets.seal('reset', content, RESET_SECONDS);
    return {
      state: 'proved',
      ticket,
      account: account.account,
      vault: { bytes: vault, version: vaultVersion },
    };
  };

  const wantSecondFactor = async (account: Account, proofs: Proofs): Promise<Step> => {
    const challenge = random(32);
    const { username } = account;
    const content = { username, account: account.account, record: fingerprintOf(account), challenge };
    const sealed = tickets.seal('reset_factor', content, resetMail.ticketSeconds);
    await codes.allowTries(sealed, await attempts.codeTries(username));
    const methods = [...listLosableFactors(proofs), ...listStandIns(proofs, account)];
    return describeWanted(sealed.ticket, methods, proofs, passkeys, challenge);
  };

  /** The first proof. Names that nobody has go through the same steps up to a wrong code. */
  const proveFirst = async (
    opened: OpenTicket<'forgot'>,
    proof: Proof,
    address: string,
  ): Promise<Step | Refusal> => {
    const { username } = opened.content;
    const account = await accounts.findByName(username);
    const right = await isFirstProof(codes, opened.id, account, proof);
    if (!right || account === undefined) {
      await attempts.failCode({ username, address });
      return refuse('code_wrong');
    }
    if (!(await tickets.use(opened))) return refuse('ticket_invalid');
    const read = await readProofs(records, account.account);
    const isDone = proof.method === 'recovery_key' || listLosableFactors(read.proofs).length === 0;
    return isDone ? finishProof(account, read) : wantSecondFactor(account, read.proofs);
  };

  const proveSecond = async (
    opened: OpenTicket<'reset_factor'>,
    proof: Proof,
    address: string,
  ): Promise<Step | Refusal> => {
    const { username, challenge } = opened.content;
    const account = await findProved(accounts, opened.content);
    if (account === undefined) return refuse('ticket_invalid');
    // The mailbox was the first proof: it is not another one.
    const refused =
      proof.method === 'mail'
        ? refuse('code_wrong')
        : await secondFactors.verify(account, proof, { id: opened.id, challenge });
    if (refused?.code === 'code_wrong') await attempts.failCode({ username, address });
    if (refused !== undefined) return refused;
    if (!(await tickets.use(opened))) return refuse('ticket_invalid');
    return finishProof(account, await readProofs(records, account.account));
  };

  return {
    async start({ username, work: proofOfWork }, address) {
      if (!(await work.take(proofOfWork))) return refuse('work_invalid');
      const wait = await resetMail.waitFor(address);
      if (wait !== undefined) return refuse('rate_limited', wait);
      const ticket = tickets.seal('forgot', { username }, resetMail.ticketSeconds);
      await codes.allowTries(ticket, await attempts.codeTries(username));
      await resetMail.send(username, ticket, address);
      return { ticket: ticket.ticket };
    },
    async prove({ ticket, proof }, address) {
      const first = tickets.open('forgot', ticket);
      const second = tickets.open('reset_factor', ticket);
      const opened = first ?? second;
      if (opened === undefined || !(await codes.takeTry(opened.id))) return refuse('ticket_invalid');
      if (first !== undefined) return proveFirst(first, proof, address);
      return second === undefined ? refuse('ticket_invalid') : proveSecond(second, proof, address);
    },
  };
}

async function isFirstProof(
  codes: Codes,
  id: Uint8Array,
  account: Account | undefined,
  proof: Proof,
): Promise<boolean> {
  if (proof.method === 'mail') return codes.check(id, proof.code);
  return proof.method === 'recovery_key' && isRecoveryKey(account, proof.proof);
}
