import type { RouteResponse } from '@sotto/protocol';
import type { KeyPair } from '@sotto/transparency';
import { ChatError } from '../chat/chat.ts';
import type { Random } from '../chat/clock.ts';
import { errorOfRefusal } from '../chat/refusals.ts';
import type { ChainPins } from '../contacts/chain-pins.ts';
import type { SealedStore } from '../store/sealed-store.ts';
import type { AccountRecord } from './account-record.ts';
import { type Confirmed, confirmPassword } from './confirm.ts';
import { identityOf, keepVault, loadKeptVault, nextVault, refuseOlder, updateOf } from './kept-vault.ts';
import { openLabel, sealLabel } from './label.ts';
import { createPasswordProtocol, type PasswordProtocol } from './password.ts';
import type { Session } from './session.ts';
import { openVault, type Vault } from './vault.ts';
import type { Wrap } from './vault-wraps.ts';

/** What the relay says of the account, and its vault, opened with the key that this device keeps. */
export interface OwnAccount {
  readonly about: RouteResponse<'account'>;
  readonly vault: Vault;
}

/**
 * The account's vault, for a device that is signed in. What the relay gives as it is checked against what this device saw before
 * and against the pinned chain: anything else throws `vault_refused`.
 */
export interface OwnVault {
  read(): Promise<OwnAccount>;
  /** The identity pair, for one signature. The caller overwrites the private key with zeros after it. */
  identity(): Promise<KeyPair>;
  /** The password again, for one change. Throws `wrong_credentials`. */
  confirm(password: string): Promise<Confirmed>;
  /** Leaves the next version at the relay, with these ways to open it; read again and tried again when another device was first. */
  change(
    confirm: () => Promise<Confirmed>,
    wrapsOf: (vault: Vault) => Promise<readonly Wrap[]>,
  ): Promise<void>;
  /** A name of what `subject` (a device or credential id) is, for the account's own devices alone. */
  sealName(subject: Uint8Array, name: string): Promise<Uint8Array>;
  openName(subject: Uint8Array, label: Uint8Array | undefined): Promise<string | undefined>;
}

const TRIES = 4;

export interface OwnVaultDeps {
  readonly origin: string;
  readonly record: AccountRecord;
  readonly session: Session;
  readonly store: SealedStore;
  readonly pins: ChainPins;
  readonly random: Random;
}

export function createOwnVault(deps: OwnVaultDeps): OwnVault {
  const { record, session, store, pins, random } = deps;
  const { account, username } = record;
  let passwords: Promise<PasswordProtocol> | undefined;

  async function keptKey(): Promise<Uint8Array> {
    const kept = await loadKeptVault(store);
    if (kept === undefined) throw new ChatError('vault_refused', { cause: 'no_key' });
    return kept.vaultKey;
  }

  async function read(): Promise<OwnAccount> {
    const answer = await session.call('account', {});
    if (!answer.ok) throw errorOfRefusal(answer);
    const vaultKey = await keptKey();
    const opened = await openVault(answer.value.vault.bytes, account, { kind: 'vault_key', vaultKey });
    if (!opened.ok) throw new ChatError('vault_refused', { cause: opened.reason });
    const { vault } = opened;
    const chain = await pins.pinned(account);
    if (chain === undefined) throw new ChatError('chain_refused');
    identityOf(vault, chain.identityKey).privateKey.fill(0);
    const kept = await loadKeptVault(store);
    refuseOlder(vault, kept);
    if (kept === undefined || kept.n < vault.n) await store.step([keepVault(vault)]);
    return { about: answer.value, vault };
  }

  async function tryChange(
    { confirmation, exportKey }: Confirmed,
    wrapsOf: (vault: Vault) => Promise<readonly Wrap[]>,
  ): Promise<boolean> {
    const { about, vault } = await read();
    const next = await nextVault(vault, await wrapsOf(vault), { exportKey, random });
    const update = await updateOf(next, about.vault.version, random);
    const answer = await session.call('putVault', { body: { confirmation, vault: update } });
    if (!answer.ok && answer.code === 'vault_conflict') return false;
    if (!answer.ok) throw errorOfRefusal(answer);
    await store.step([keepVault(next)]);
    return true;
  }

  return {
    read,
    async identity() {
      const { vault } = await read();
      const chain = await pins.pinned(account);
      if (chain === undefined) throw new ChatError('chain_refused');
      return identityOf(vault, chain.identityKey);
    },
    async confirm(password) {
      passwords ??= createPasswordProtocol(deps.origin);
      return await confirmPassword({ session, passwords: await passwords, username }, password);
    },
    async change(confirm, wrapsOf) {
      for (let attempt = 0; attempt < TRIES; attempt++) if (await tryChange(await confirm(), wrapsOf)) return;
      throw new ChatError('attempt_over');
    },
    async sealName(subject, name) {
      return await sealLabel({ vaultKey: await keptKey(), account, subject }, name, random);
    },
    async openName(subject, label) {
      if (label === undefined) return undefined;
      return await openLabel({ vaultKey: await keptKey(), account, subject }, label);
    },
  };
}
