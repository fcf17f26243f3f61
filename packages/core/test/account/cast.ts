import { createHash } from 'node:crypto';
import { createVault, type Vault } from '../../src/account/vault.ts';
import { makeWrap, type WrapOpener, withWrap } from '../../src/account/vault-wraps.ts';
import type { Random } from '../../src/chat/clock.ts';

export const random: Random = (length) => crypto.getRandomValues(new Uint8Array(length));

/** The same bytes for the same label, whenever: for frozen vectors. */
export function fixedRandom(label: string): Random {
  let calls = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      const block = createHash('sha256').update(`${label} ${calls} ${at}`).digest();
      bytes.set(block.subarray(0, length - at), at);
    }
    calls += 1;
    return bytes;
  };
}

/** What one person has: a password, a recovery key and two passkeys. */
export function createSecrets(from: Random) {
  return {
    account: from(16),
    identityPrivateKey: from(32),
    password: { kind: 'password', exportKey: from(64) },
    recoveryKey: { kind: 'recovery_key', secret: from(20) },
    phone: { kind: 'passkey', credential: from(32), prf: from(32) },
    usb: { kind: 'passkey', credential: from(64), prf: from(32) },
  } as const;
}

export async function addWrap(vault: Vault, opener: WrapOpener, from: Random): Promise<Vault> {
  const wrap = await makeWrap(vault.account, vault.vaultKey, opener, from);
  return { ...vault, n: vault.n + 1, wraps: withWrap(vault.wraps, wrap) };
}

/** The vault after each change: password alone, then recovery key, then both passkeys. */
export async function createHistory(from: Random) {
  const secrets = createSecrets(from);
  const { account, identityPrivateKey, password, recoveryKey, phone, usb } = secrets;
  const first = await createVault({ account, identityPrivateKey, opener: password, random: from });
  const second = await addWrap(first, recoveryKey, from);
  const third = await addWrap(second, phone, from);
  const fourth = await addWrap(third, usb, from);
  return { secrets, versions: [first, second, third, fourth] as const };
}
