import { readFileSync } from 'node:fs';

interface FrozenPasskey {
  readonly credential: string;
  readonly prf: string;
}

/** Bytes of an account as they were once written, in hexadecimal; `version2` after each of four changes. */
interface FrozenVault {
  readonly account: string;
  readonly identityPrivateKey: string;
  readonly exportKey: string;
  readonly recoverySecret: string;
  /** As it is printed. */
  readonly recoveryKey: string;
  readonly recoveryProof: string;
  readonly recoveryHash: string;
  readonly phone: FrozenPasskey;
  readonly usb: FrozenPasskey;
  readonly vaultKey: string;
  readonly version1: string;
  readonly version2: readonly string[];
  /** "Laptop at home", given to a subject with the account's id. */
  readonly label: string;
}

export function readFrozenVault(): FrozenVault {
  return JSON.parse(readFileSync(new URL('vectors/vault.json', import.meta.url), 'utf8')) as FrozenVault;
}
