import { type DeviceId, equalBytes, type FactorMethod, type RouteResponse } from '@sotto/protocol';
import type { ProofInput } from '../chat/account-verbs.ts';
import { ChatError } from '../chat/chat.ts';
import { errorOfRefusal } from '../chat/refusals.ts';
import { type AccountRecord, loadAccount } from './account-record.ts';
import { readUsername } from './credentials.ts';
import { proofOf } from './factor-proof.ts';
import { requestOptions } from './passkey-options.ts';
import { type EnrollDeps, type Enrolled, newRecord, takeUpDevice } from './take-up.ts';

/** A sign-in whose password was right and that waits for another proof. In memory alone: the export key opens the vault. */
export interface WaitingSignIn {
  readonly username: string;
  readonly device: Uint8Array;
  readonly exportKey: Uint8Array;
  readonly ticket: Uint8Array;
  readonly methods: readonly FactorMethod[];
  /** WebAuthn request options, JSON. */
  readonly passkey: string | undefined;
}

type SignInOutcome =
  | { readonly state: 'signed_in'; readonly enrolled: Enrolled }
  | { readonly state: 'second_factor'; readonly waiting: WaitingSignIn };

/**
 * Signs in on a device with a store (takes its device up again) or without (adds itself to the chain with the identity
 * key from the vault). Throws ChatError; `chain_refused` or `vault_refused` when what the relay shows of the account does not verify.
 */
export async function startSignIn(
  deps: EnrollDeps,
  input: { readonly username: string; readonly password: string; readonly shared?: boolean | undefined },
): Promise<SignInOutcome> {
  const username = readUsername(input.username);
  const stored = await storedFor(deps, username);
  const leg = deps.passwords.startLogin(input.password);
  const started = await deps.http.call('login', { body: { username, request: leg.request } });
  if (!started.ok) throw errorOfRefusal(started);
  const opened = leg.finish(username, started.value.response);
  if (opened === undefined) throw new ChatError('wrong_credentials');
  const device = stored?.username === username ? stored.device : deps.random(16);
  const finished = await deps.http.call('loginFinish', {
    body: {
      ticket: started.value.ticket,
      finish: opened.finish,
      device: device as DeviceId,
      shared: input.shared === true,
    },
  });
  if (!finished.ok) throw errorOfRefusal(finished);
  const at = { username, device, exportKey: opened.exportKey };
  if (finished.value.state === 'signed_in')
    return { state: 'signed_in', enrolled: await takeUp(deps, at, finished.value) };
  const { ticket, methods, passkey } = finished.value;
  return {
    state: 'second_factor',
    waiting: {
      ...at,
      ticket,
      methods,
      passkey: passkey === undefined ? undefined : requestOptions(passkey, deps.http.origin),
    },
  };
}

/** Shows the other proof. A wrong one throws `code_wrong` and may be tried again, until `attempt_over`. */
export async function finishSignIn(
  deps: EnrollDeps,
  waiting: WaitingSignIn,
  input: ProofInput,
): Promise<Enrolled> {
  const body = { ticket: waiting.ticket, proof: proofOf(input) };
  await storedFor(deps, waiting.username);
  const answer = await deps.http.call('loginVerify', { body });
  if (!answer.ok) throw errorOfProof(answer, input);
  return await takeUp(deps, waiting, answer.value);
}

/** What this device has of an account. Throws `blocked` where somebody else's lives: nobody takes its place. */
async function storedFor({ store }: EnrollDeps, username: string): Promise<AccountRecord | undefined> {
  const stored = await loadAccount(store);
  if (stored?.state === 'active' && stored.username !== username) throw new ChatError('blocked');
  return stored;
}

/** The mail code of a sign-in or reset that waits for one. */
export async function sendMailCode({ http }: Pick<EnrollDeps, 'http'>, ticket: Uint8Array): Promise<void> {
  const answer = await http.call('loginCode', { body: { ticket } });
  if (!answer.ok) throw errorOfRefusal(answer);
}

/** A passkey that does not fit is no wrong code to a person. */
export function errorOfProof(answer: Parameters<typeof errorOfRefusal>[0], input: ProofInput): ChatError {
  const error = errorOfRefusal(answer);
  if (error.code !== 'code_wrong' || input.method !== 'passkey') return error;
  return new ChatError('passkey_refused', { cause: answer.code, retryAfter: error.retryAfter });
}

async function takeUp(
  deps: EnrollDeps,
  at: { readonly username: string; readonly device: Uint8Array; readonly exportKey: Uint8Array },
  answer: RouteResponse<'loginVerify'>,
): Promise<Enrolled> {
  const { session, vault } = answer;
  const stored = await loadAccount(deps.store);
  const record =
    stored?.username === at.username && equalBytes(stored.account, session.account)
      ? stored
      : newRecord(deps.random, at.username, session.account, at.device);
  return await takeUpDevice(deps, { session, record, vault, exportKey: at.exportKey });
}
