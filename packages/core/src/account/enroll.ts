import type { AccountId, DeviceId, Session as SessionAnswer, Username } from '@sotto/protocol';
import { encodeHex, equalBytes, username as usernameShape } from '@sotto/protocol';
import {
  addDevice,
  type ChainState,
  compareToPinned,
  createChain,
  decodeChainState,
  encodeChainState,
  findDevice,
  generateKeyPair,
  type KeyPair,
  verifyChain,
} from '@sotto/transparency';
import { ChatError } from '../chat/chat.ts';
import type { Random } from '../chat/clock.ts';
import { errorOfRefusal } from '../chat/refusals.ts';
import { chains } from '../contacts/contact-record.ts';
import type { RelayHttp } from '../link/relay-link.ts';
import type { SealedStore } from '../store/sealed-store.ts';
import { type AccountRecord, accounts, loadAccount } from './account-record.ts';
import type { PasswordProtocol } from './password.ts';
import { openVault, sealVault } from './vault.ts';

/** Characters. OPAQUE leaves no offline guessing to the network, but a stolen relay database still allows it. */
const PASSWORD_MIN = 12;

export interface EnrollDeps {
  readonly http: RelayHttp;
  readonly store: SealedStore;
  readonly passwords: PasswordProtocol;
  readonly random: Random;
}

/** This device, active, and the first access token. */
export interface Enrolled {
  readonly record: AccountRecord;
  readonly session: SessionAnswer;
}

/** The name as the relay keeps it. Throws `username_invalid`. */
function normaliseUsername(text: string): Username {
  const parsed = usernameShape.safeParse(text.trim().toLowerCase());
  if (!parsed.success) throw new ChatError('username_invalid');
  return parsed.data;
}

/**
 * Makes account, identity key, first device and vault here, and leaves at the relay what it may have. Throws ChatError.
 * An answer lost on the way leaves a `pending` record: the next attempt under the same name signs in with it first.
 */
export async function registerAccount(
  deps: EnrollDeps,
  input: { readonly username: string; readonly password: string },
): Promise<Enrolled> {
  const username = normaliseUsername(input.username);
  if ([...input.password].length < PASSWORD_MIN) throw new ChatError('password_too_weak');
  const left = await loadAccount(deps.store);
  if (left !== undefined && left.username === username) {
    const resumed = await signInAgain(deps, input);
    if (resumed !== undefined) return resumed;
  }
  const leg = deps.passwords.startRegistration(input.password);
  const started = await deps.http.call('register', { body: { username, request: leg.request } });
  if (!started.ok) throw errorOfRefusal(started);
  const { record: opaqueRecord, exportKey } = leg.finish(username, started.value.response);
  const account = deps.random(16);
  const identity = generateKeyPair(deps.random(32));
  const record = newRecord(deps.random, username, account);
  const made = createChain({ account, identity, device: { id: record.device, ...pairOf(record) } });
  const vault = await sealVault({
    account,
    identityPrivateKey: identity.privateKey,
    exportKey,
    random: deps.random,
  });
  // From here on the relay may know this device although we never hear of it.
  await deps.store.step([accounts.put([], record)]);
  const finished = await deps.http.call('registerFinish', {
    body: {
      ticket: started.value.ticket,
      record: opaqueRecord,
      account: account as AccountId,
      device: record.device as DeviceId,
      statement: made.statement,
      vault,
    },
  });
  identity.privateKey.fill(0);
  if (!finished.ok) throw errorOfRefusal(finished);
  return await activate(deps, record, made.state, finished.value);
}

/** Undefined when the relay does not know the name with this password: the lost registration never arrived there. */
async function signInAgain(
  deps: EnrollDeps,
  input: { readonly username: string; readonly password: string },
): Promise<Enrolled | undefined> {
  try {
    return await signInAccount(deps, input);
  } catch (thrown) {
    if (thrown instanceof ChatError && thrown.code === 'wrong_credentials') return undefined;
    throw thrown;
  }
}

/**
 * Signs in on a device with a store (takes its device up again) or without (adds itself to the chain with the identity
 * key from the vault). Throws ChatError; `chain_refused` when what the relay shows of the account does not verify.
 */
export async function signInAccount(
  deps: EnrollDeps,
  input: { readonly username: string; readonly password: string },
): Promise<Enrolled> {
  const username = normaliseUsername(input.username);
  const stored = await loadAccount(deps.store);
  if (stored?.state === 'active' && stored.username !== username) throw new ChatError('blocked');
  const leg = deps.passwords.startLogin(input.password);
  const started = await deps.http.call('login', { body: { username, request: leg.request } });
  if (!started.ok) throw errorOfRefusal(started);
  const opened = leg.finish(username, started.value.response);
  if (opened === undefined) throw new ChatError('wrong_credentials');
  const device = stored?.username === username ? stored.device : deps.random(16);
  const finished = await deps.http.call('loginFinish', {
    body: { ticket: started.value.ticket, finish: opened.finish, device: device as DeviceId },
  });
  if (!finished.ok) throw errorOfRefusal(finished);
  const { session, vault } = finished.value;
  const state = await readOwnChain(deps, session);
  const record =
    stored?.username === username && equalBytes(stored.account, session.account)
      ? stored
      : newRecord(deps.random, username, session.account, device);
  const identity = await openIdentity(vault, state, opened.exportKey);
  try {
    const standing = await standInChain(deps, { session, record, state, identity });
    return await activate(deps, record, standing, session);
  } finally {
    identity.privateKey.fill(0);
  }
}

/** The identity pair, checked against the chain: a relay that swapped account, vault or chain fails here. */
async function openIdentity(vault: Uint8Array, state: ChainState, exportKey: Uint8Array): Promise<KeyPair> {
  const privateKey = await openVault(vault, state.account, exportKey);
  if (privateKey === undefined) throw new ChatError('chain_refused');
  const identity = generateKeyPair(privateKey);
  if (!equalBytes(identity.publicKey, state.identityKey)) throw new ChatError('chain_refused');
  return identity;
}

/** A device that signs in again has its pin: the relay must not get a revoked device past it by a shorter chain. */
async function readOwnChain({ http, store }: EnrollDeps, session: SessionAnswer): Promise<ChainState> {
  const hex = encodeHex(session.account);
  const query = { params: { account: hex }, query: {}, token: session.accessToken };
  const answer = await http.call('chain', query);
  if (!answer.ok) throw errorOfRefusal(answer);
  const { statements } = answer.value;
  const pin = await store.get(chains.key(hex));
  const verified =
    pin === undefined
      ? verifyChain(session.account, statements)
      : compareToPinned(decodeChainState(pin.state), statements);
  if (!verified.ok) throw new ChatError('chain_refused', { cause: verified.reason });
  return verified.state;
}

/** The chain state in which this device stands; appends `add_device` when it does not yet. */
async function standInChain(
  deps: EnrollDeps,
  at: {
    readonly session: SessionAnswer;
    readonly record: AccountRecord;
    readonly state: ChainState;
    readonly identity: KeyPair;
  },
): Promise<ChainState> {
  const { session, record, identity } = at;
  let { state } = at;
  for (let attempt = 0; attempt < 5; attempt++) {
    const known = findDevice(state, record.device);
    if (known !== undefined) {
      // A revoked device never returns, nor one whose id the chain gave another key: only a wiped store goes on.
      if (known.revokedAt !== undefined || !equalBytes(known.key, record.publicKey))
        throw new ChatError('session_ended');
      return state;
    }
    const made = addDevice(state, { identity, device: { id: record.device, ...pairOf(record) } });
    await deps.store.step([accounts.put([], { ...record, state: 'pending' })]);
    const answer = await deps.http.call('appendStatement', {
      params: { account: encodeHex(record.account) },
      body: { statement: made.statement },
      token: session.accessToken,
    });
    if (answer.ok) return made.state;
    if (answer.code !== 'chain_conflict') throw errorOfRefusal(answer);
    state = await readOwnChain(deps, session);
  }
  throw new ChatError('offline');
}

async function activate(
  deps: EnrollDeps,
  record: AccountRecord,
  state: ChainState,
  session: SessionAnswer,
): Promise<Enrolled> {
  const active: AccountRecord = { ...record, state: 'active' };
  await deps.store.step([
    accounts.put([], active),
    chains.put([encodeHex(record.account)], { state: encodeChainState(state) }),
  ]);
  return { record: active, session };
}

function newRecord(
  random: Random,
  username: string,
  account: Uint8Array,
  device: Uint8Array = random(16),
): AccountRecord {
  return { state: 'pending', username, account, device, ...generateKeyPair(random(32)) };
}

function pairOf(record: AccountRecord): KeyPair {
  return { publicKey: record.publicKey, privateKey: record.privateKey };
}
