import { type DeviceId, equalBytes, type Session as SessionAnswer, type VaultUpdate } from '@sotto/protocol';
import {
  type ChainState,
  findDevice,
  generateKeyPair,
  type KeyPair,
  resetAccount,
} from '@sotto/transparency';
import type { RestoreInput } from '../chat/account-verbs.ts';
import { ChatError } from '../chat/chat.ts';
import { errorOfRefusal } from '../chat/refusals.ts';
import { type AccountRecord, accounts, loadAccount } from './account-record.ts';
import { passkeyOpener, secretOf } from './factor-proof.ts';
import { identityOf, loadKeptVault, nextVault, refuseOlder, updateOf } from './kept-vault.ts';
import type { ProvedReset } from './reset.ts';
import {
  activate,
  type EnrollDeps,
  type Enrolled,
  newRecord,
  pairOf,
  standInChain,
  verifyOwnChain,
} from './take-up.ts';
import { createVault, openVault, type Vault, type VaultOpener } from './vault.ts';
import { decodeVaultRecord } from './vault-record.ts';
import { makeWrap, withWrap } from './vault-wraps.ts';

interface Restore {
  readonly password: string;
  readonly restore: RestoreInput;
  /** Nothing is kept on this computer. */
  readonly shared: boolean;
}

/** The new password's legs of OPAQUE, and the chain that the account has now. */
interface NewPassword {
  readonly record: Uint8Array;
  readonly exportKey: Uint8Array;
  readonly chain: ChainState;
}

/**
 * Sets the new password with the identity that the vault held, or, when nothing opens it, with a new one. This device is on disk as
 * `pending` before the relay may know it: after a crash, trying again or signing in with the new password goes on. Throws
 * ChatError; nothing is sent that changes anything before chain and vault verified. How strong the password is is the caller's to judge.
 */
export async function restoreAccount(
  deps: EnrollDeps,
  proved: ProvedReset,
  input: Restore,
): Promise<Enrolled> {
  const stored = await loadAccount(deps.store);
  if (stored?.state === 'active' && !equalBytes(stored.account, proved.account))
    throw new ChatError('blocked');
  if (input.restore.way !== 'new_identity') return await keepIdentity(deps, proved, input);
  // This device would end with the old identity: its owner wipes it first.
  if (stored?.state === 'active') throw new ChatError('blocked');
  return await replaceIdentity(deps, proved, input);
}

/** Contacts notice nothing: the same identity, and this device is added where it does not stand in the chain yet. */
async function keepIdentity(deps: EnrollDeps, proved: ProvedReset, input: Restore): Promise<Enrolled> {
  const { random } = deps;
  const { account } = proved;
  const before = await openWith(proved, openerFor(proved, input.restore));
  refuseOlder(before, await keptOf(deps, account));
  const { record: opaque, exportKey, chain } = await setOut(deps, proved, input.password);
  const identity = identityOf(before, chain.identityKey);
  try {
    const opener = { kind: 'password', exportKey } as const;
    const wraps = withWrap(before.wraps, await makeWrap(account, before.vaultKey, opener, random));
    const vault = await nextVault(before, wraps, { exportKey, random });
    const record = await deviceFor(deps, proved, chain);
    if (record.state === 'pending') await deps.store.step([accounts.put([], record)]);
    const update = await updateOf(vault, proved.vault.version, random);
    const session = await finish(deps, proved, {
      record: opaque,
      device: record.device,
      vault: update,
      shared: input.shared,
    });
    const state = await standInChain(deps, { session, record, state: chain, identity });
    return await activate(deps, { record, state, session, vault });
  } finally {
    identity.privateKey.fill(0);
    before.identityPrivateKey.fill(0);
  }
}

/** What is lost is lost: a new identity key, which every contact is told of, and this device as its first. */
async function replaceIdentity(deps: EnrollDeps, proved: ProvedReset, input: Restore): Promise<Enrolled> {
  const { random } = deps;
  const { account, username } = proved;
  const { record: opaque, exportKey, chain } = await setOut(deps, proved, input.password);
  const identity: KeyPair = generateKeyPair(random(32));
  const record = newRecord(random, username, account);
  const made = resetAccount(chain, { identity, device: { id: record.device, ...pairOf(record) } });
  const opener = { kind: 'password', exportKey } as const;
  const { privateKey: identityPrivateKey } = identity;
  const n = nextNumber(proved.vault.bytes);
  const vault = await createVault({ account, identityPrivateKey, opener, random, n });
  const update = await updateOf(vault, proved.vault.version, random);
  identity.privateKey.fill(0);
  await deps.store.step([accounts.put([], record)]);
  const { statement } = made;
  const session = await finish(deps, proved, {
    record: opaque,
    device: record.device,
    vault: update,
    statement,
    shared: input.shared,
  });
  return await activate(deps, { record, state: made.state, session, vault });
}

function openerFor(proved: ProvedReset, restore: RestoreInput): VaultOpener | undefined {
  switch (restore.way) {
    case 'recovery_key':
      return { kind: 'recovery_key', secret: secretOf(restore.key) };
    case 'passkey':
      return passkeyOpener(restore.credential, restore.prf);
    default:
      return proved.known;
  }
}

/** Throws as the way that was chosen fails: a key that opens nothing is not yet a relay that lies. */
async function openWith(proved: ProvedReset, opener: VaultOpener | undefined): Promise<Vault> {
  if (opener === undefined) throw new ChatError('attempt_over');
  const opened = await openVault(proved.vault.bytes, proved.account, opener);
  if (opened.ok) return opened.vault;
  const { reason } = opened;
  if (reason === 'no_wrap' || reason === 'wrap_refused') {
    if (opener.kind === 'recovery_key') throw new ChatError('recovery_key_wrong', { cause: reason });
    if (opener.kind === 'passkey') throw new ChatError('passkey_refused', { cause: reason });
  }
  throw new ChatError('vault_refused', { cause: reason });
}

/** OPAQUE registration of the new password, first leg, and the chain as the relay shows it. */
async function setOut(deps: EnrollDeps, proved: ProvedReset, password: string): Promise<NewPassword> {
  const { http, store } = deps;
  const { ticket } = proved;
  const statements = await http.call('resetPasswordChain', { body: { ticket } });
  if (!statements.ok) throw errorOfRefusal(statements);
  const chain = await verifyOwnChain(store, proved.account, statements.value.statements);
  const leg = deps.passwords.startRegistration(password);
  const started = await http.call('resetPasswordRecord', { body: { ticket, request: leg.request } });
  if (!started.ok) throw errorOfRefusal(started);
  return { ...leg.finish(proved.username, started.value.response), chain };
}

/** This device of the account, as long as it stands in the chain or may still be added; otherwise a new one. */
async function deviceFor(deps: EnrollDeps, proved: ProvedReset, chain: ChainState): Promise<AccountRecord> {
  const stored = await loadAccount(deps.store);
  if (stored === undefined || !equalBytes(stored.account, proved.account))
    return newRecord(deps.random, proved.username, proved.account);
  const known = findDevice(chain, stored.device);
  const usable =
    known === undefined || (known.revokedAt === undefined && equalBytes(known.key, stored.publicKey));
  if (usable) return stored;
  // Revoked: only a wiped store goes on.
  if (stored.state === 'active') throw new ChatError('session_ended');
  return newRecord(deps.random, proved.username, proved.account);
}

async function keptOf(deps: EnrollDeps, account: Uint8Array) {
  const stored = await loadAccount(deps.store);
  return stored !== undefined && equalBytes(stored.account, account)
    ? await loadKeptVault(deps.store)
    : undefined;
}

async function finish(
  { http }: EnrollDeps,
  { ticket }: ProvedReset,
  of: {
    readonly record: Uint8Array;
    readonly device: Uint8Array;
    readonly vault: VaultUpdate;
    readonly statement?: Uint8Array | undefined;
    readonly shared: boolean;
  },
): Promise<SessionAnswer> {
  const answer = await http.call('resetPasswordFinish', {
    body: {
      ticket,
      record: of.record,
      vault: of.vault,
      device: of.device as DeviceId,
      shared: of.shared,
      ...(of.statement !== undefined && { statement: of.statement }),
    },
  });
  if (!answer.ok) throw errorOfRefusal(answer);
  return answer.value;
}

/** No vault is ever changed so often. From a number near the largest no change could follow. */
const MOST_VERSIONS = 2 ** 32;

/** Behind the version that the relay shows, which nobody vouches for: it counts as a number and no more. */
function nextNumber(vault: Uint8Array): number {
  const record = decodeVaultRecord(vault);
  const n = record?.v === 2 ? record.n : 0;
  if (n >= MOST_VERSIONS) throw new ChatError('vault_refused', { cause: 'malformed' });
  return n + 1;
}
