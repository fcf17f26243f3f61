import type { AccountId, DeviceId } from '@sotto/protocol';
import { createChain, generateKeyPair } from '@sotto/transparency';
import { ChatError } from '../chat/chat.ts';
import { errorOfRefusal } from '../chat/refusals.ts';
import { accounts, loadAccount } from './account-record.ts';
import { readEmail, readInvite, readUsername } from './credentials.ts';
import { readCode } from './factor-proof.ts';
import { startSignIn } from './sign-in.ts';
import { activate, type EnrollDeps, type Enrolled, newRecord, pairOf } from './take-up.ts';
import { createVault, sealVault } from './vault.ts';
import { askWithWork } from './work.ts';

interface Registration {
  readonly username: string;
  readonly password: string;
  /** base64url. */
  readonly invite?: string | undefined;
  /** Proof of an address, as `proveEmail` gave it. */
  readonly email?: Uint8Array | undefined;
  readonly shared?: boolean | undefined;
}

/** Has a code sent to an address that an account is to be made with. Resolves with the ticket of the attempt. */
export async function sendEmailCode(
  { http }: Pick<EnrollDeps, 'http'>,
  input: { readonly email: string; readonly invite?: string | undefined },
): Promise<Uint8Array> {
  const invite = readInvite(input.invite);
  const body = { email: readEmail(input.email), ...(invite !== undefined && { invite }) };
  const { ticket } = await askWithWork(http, (work) =>
    http.call('registerEmail', { body: { ...body, work } }),
  );
  return ticket;
}

/** Trades the code for proof that the address is one's own. Throws `code_wrong`, `attempt_over`. */
export async function proveEmail(
  { http }: Pick<EnrollDeps, 'http'>,
  ticket: Uint8Array,
  code: string,
): Promise<Uint8Array> {
  const answer = await http.call('registerEmailVerify', { body: { ticket, code: readCode(code) } });
  if (!answer.ok) throw errorOfRefusal(answer);
  return answer.value.proof;
}

/**
 * Makes account, identity key, first device and vault here, and leaves at the relay what it may have. Throws ChatError.
 * An answer lost on the way leaves a `pending` record: the next attempt under the same name signs in with it first.
 * How strong the password is is the caller's to judge.
 */
export async function registerAccount(deps: EnrollDeps, input: Registration): Promise<Enrolled> {
  const username = readUsername(input.username);
  const invite = readInvite(input.invite);
  const left = await loadAccount(deps.store);
  if (left?.username === username) {
    const resumed = await signInInstead(deps, input);
    if (resumed !== undefined) return resumed;
  }
  const leg = deps.passwords.startRegistration(input.password);
  const asked = {
    username,
    request: leg.request,
    ...(invite !== undefined && { invite }),
    ...(input.email !== undefined && { email: input.email }),
  };
  const started = await askWithWork(deps.http, (work) =>
    deps.http.call('register', { body: { ...asked, work } }),
  );
  const { record, exportKey } = leg.finish(username, started.response);
  const { ticket } = started;
  return await leaveAtRelay(deps, { username, ticket, record, exportKey, shared: input.shared === true });
}

/** Undefined when the relay does not know the name with this password: the lost registration never arrived there. */
async function signInInstead(deps: EnrollDeps, input: Registration): Promise<Enrolled | undefined> {
  try {
    const step = await startSignIn(deps, input);
    if (step.state === 'signed_in') return step.enrolled;
  } catch (thrown) {
    if (thrown instanceof ChatError && thrown.code === 'wrong_credentials') return undefined;
    throw thrown;
  }
  // It arrived, and was secured from another device since.
  throw new ChatError('username_taken');
}

async function leaveAtRelay(
  deps: EnrollDeps,
  of: {
    readonly username: string;
    readonly ticket: Uint8Array;
    readonly record: Uint8Array;
    readonly exportKey: Uint8Array;
    readonly shared: boolean;
  },
): Promise<Enrolled> {
  const { http, store, random } = deps;
  const account = random(16);
  const identity = generateKeyPair(random(32));
  const record = newRecord(random, of.username, account);
  const made = createChain({ account, identity, device: { id: record.device, ...pairOf(record) } });
  const opener = { kind: 'password', exportKey: of.exportKey } as const;
  const vault = await createVault({
    account,
    identityPrivateKey: identity.privateKey,
    opener,
    random,
  });
  const sealed = await sealVault(vault, random);
  identity.privateKey.fill(0);
  // From here on the relay may know this device although we never hear of it.
  await store.step([accounts.put([], record)]);
  const finished = await http.call('registerFinish', {
    body: {
      ticket: of.ticket,
      record: of.record,
      account: account as AccountId,
      device: record.device as DeviceId,
      statement: made.statement,
      vault: sealed,
      shared: of.shared,
    },
  });
  if (finished.ok) return await activate(deps, { record, state: made.state, session: finished.value, vault });
  // Nothing of it stands at the relay, so nothing of it need be finished later.
  if (finished.code === 'username_taken') await store.step([accounts.remove()]);
  throw errorOfRefusal(finished);
}
