import { equalBytes, LIMITS, type VaultUpdate } from '@sotto/protocol';
import { generateKeyPair, type KeyPair } from '@sotto/transparency';
import { ChatError } from '../chat/chat.ts';
import type { Random } from '../chat/clock.ts';
import { collection, type SealedWrite } from '../store/collections.ts';
import type { SealedStore } from '../store/sealed-store.ts';
import { sealVault, type Vault } from './vault.ts';
import { makeWrap, recoveryHashIn, type Wrap, withWrap } from './vault-wraps.ts';

/**
 * What a device keeps of the vault: VK, so that removing a device or changing the password needs no recovery key, and the
 * highest version it saw, so that no relay gets an earlier one past it.
 */
interface KeptVault {
  readonly vaultKey: Uint8Array;
  readonly n: number;
}

/** One record. */
const keptVaults = collection<[], KeptVault>('vault');

export async function loadKeptVault(store: SealedStore): Promise<KeptVault | undefined> {
  return await store.get(keptVaults.key());
}

/** Part of the step that activates a device, or that follows a change. */
export function keepVault({ vaultKey, n }: Vault): SealedWrite {
  return keptVaults.put([], { vaultKey, n });
}

/** Throws `vault_refused` for a vault older than one that this device saw. */
export function refuseOlder(vault: Vault, kept: KeptVault | undefined): void {
  if (kept !== undefined && vault.n < kept.n) throw new ChatError('vault_refused', { cause: 'rolled_back' });
}

/** The identity pair, checked against the account's chain: a relay that exchanged account, vault or chain fails here. */
export function identityOf(vault: Vault, identityKey: Uint8Array): KeyPair {
  const identity = generateKeyPair(vault.identityPrivateKey);
  if (!equalBytes(identity.publicKey, identityKey))
    throw new ChatError('vault_refused', { cause: 'other_identity' });
  return identity;
}

/** The next version. One that never had a password's wrap of version 2 gets it: `exportKey` is at hand for every change. */
export async function nextVault(
  vault: Vault,
  wraps: readonly Wrap[],
  of: { readonly exportKey: Uint8Array; readonly random: Random },
): Promise<Vault> {
  const { account, vaultKey } = vault;
  const opener = { kind: 'password', exportKey: of.exportKey } as const;
  const whole = wraps.some(({ kind }) => kind === 'password')
    ? wraps
    : withWrap(wraps, await makeWrap(account, vaultKey, opener, of.random));
  return { ...vault, n: vault.n + 1, wraps: whole };
}

/** A vault as the relay takes it, behind the version that it has now. Some twenty passkeys fit. */
export async function updateOf(vault: Vault, after: number, random: Random): Promise<VaultUpdate> {
  const bytes = await sealVault(vault, random);
  if (bytes.length > LIMITS.vault) throw new ChatError('internal', { cause: 'vault_full' });
  const recoveryHash = recoveryHashIn(vault.wraps);
  return recoveryHash === undefined ? { bytes, after } : { bytes, after, recoveryHash };
}
