import {
  encodeHex,
  equalBytes,
  type Session as SessionAnswer,
  type Vault as VaultAnswer,
} from '@sotto/protocol';
import {
  addDevice,
  type ChainState,
  compareToPinned,
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
import { type AccountRecord, accounts } from './account-record.ts';
import { identityOf, keepVault, loadKeptVault, refuseOlder } from './kept-vault.ts';
import type { PasswordProtocol } from './password.ts';
import { openVault, type Vault } from './vault.ts';

/** What every way into an account needs. */
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

/**
 * Takes this device up in the account that the relay opened a session for: chain, vault and identity are checked against each other
 * and against what this device saw before; then the device stands in the chain, and only then is it active here. Throws ChatError;
 * nothing is written before all of it verified.
 */
export async function takeUpDevice(
  deps: EnrollDeps,
  at: {
    readonly session: SessionAnswer;
    readonly record: AccountRecord;
    readonly vault: VaultAnswer;
    readonly exportKey: Uint8Array;
  },
): Promise<Enrolled> {
  const { session, record, exportKey } = at;
  const state = await readOwnChain(deps, session);
  const opened = await openVault(at.vault.bytes, record.account, { kind: 'password', exportKey });
  if (!opened.ok) throw new ChatError('vault_refused', { cause: opened.reason });
  const { vault } = opened;
  refuseOlder(vault, await loadKeptVault(deps.store));
  const identity = identityOf(vault, state.identityKey);
  try {
    const standing = await standInChain(deps, { session, record, state, identity });
    return await activate(deps, { record, state: standing, session, vault });
  } finally {
    identity.privateKey.fill(0);
    vault.identityPrivateKey.fill(0);
  }
}

/** The account's chain with the session's token; see `verifyOwnChain`. */
async function readOwnChain(deps: EnrollDeps, session: SessionAnswer): Promise<ChainState> {
  const params = { account: encodeHex(session.account) };
  const answer = await deps.http.call('chain', { params, query: {}, token: session.accessToken });
  if (!answer.ok) throw errorOfRefusal(answer);
  return await verifyOwnChain(deps.store, session.account, answer.value.statements);
}

/**
 * A device that signs in again has its pin: the relay must not get a revoked device past it by a shorter chain. Throws
 * `chain_refused`.
 */
export async function verifyOwnChain(
  store: SealedStore,
  account: Uint8Array,
  statements: readonly Uint8Array[],
): Promise<ChainState> {
  const pin = await store.get(chains.key(encodeHex(account)));
  const verified =
    pin === undefined
      ? verifyChain(account, statements)
      : compareToPinned(decodeChainState(pin.state), statements);
  if (!verified.ok) throw new ChatError('chain_refused', { cause: verified.reason });
  return verified.state;
}

/** The chain state in which this device stands; appends `add_device` when it does not yet. */
export async function standInChain(
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
    if (isStanding(state, record)) return state;
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

/** A revoked device never returns, nor one whose id the chain gave another key: `session_ended`; only a wiped store goes on. */
function isStanding(state: ChainState, record: AccountRecord): boolean {
  const known = findDevice(state, record.device);
  if (known === undefined) return false;
  if (known.revokedAt !== undefined || !equalBytes(known.key, record.publicKey))
    throw new ChatError('session_ended');
  return true;
}

/** One step: the device is active, with its chain pinned and the vault's key and version kept. */
export async function activate(
  deps: EnrollDeps,
  at: {
    readonly record: AccountRecord;
    readonly state: ChainState;
    readonly session: SessionAnswer;
    readonly vault: Vault;
  },
): Promise<Enrolled> {
  const record: AccountRecord = { ...at.record, state: 'active' };
  await deps.store.step([
    accounts.put([], record),
    chains.put([encodeHex(record.account)], { state: encodeChainState(at.state) }),
    keepVault(at.vault),
  ]);
  return { record, session: at.session };
}

export function newRecord(
  random: Random,
  username: string,
  account: Uint8Array,
  device: Uint8Array = random(16),
): AccountRecord {
  return { state: 'pending', username, account, device, ...generateKeyPair(random(32)) };
}

export function pairOf({ publicKey, privateKey }: AccountRecord): KeyPair {
  return { publicKey, privateKey };
}
