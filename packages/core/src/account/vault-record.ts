import { decodeCbor, encodeCbor, LIMITS } from '@sotto/protocol';
import { z } from 'zod';
import { NONCE, type SealedBox } from './vault-box.ts';
import { WRAP_KINDS, type Wrap } from './vault-wraps.ts';

/** The vault as the relay keeps it, read but not opened: all of it may be the relay's. */
export type VaultRecord =
  | { readonly v: 1; readonly opaque: SealedBox; readonly identity: SealedBox }
  | {
      readonly v: 2;
      /** Grows with every version of the vault. */
      readonly n: number;
      readonly wraps: readonly Wrap[];
      readonly identity: SealedBox;
    };

const nonce = bytes(NONCE, NONCE);
/** 32 bytes and a tag. */
const sealed = bytes(48, 48);
const box = z.strictObject({ nonce, sealed });
const wrap = z.strictObject({ kind: z.enum(WRAP_KINDS), id: bytes(0, LIMITS.credentialId), nonce, sealed });
const version1 = z.strictObject({ v: z.literal(1), opaque: box, identity: box });
const version2 = z.strictObject({
  v: z.literal(2),
  n: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  wraps: z.array(wrap).max(LIMITS.passkeys + 2),
  nonce,
  identity: sealed,
});

function bytes(minimum: number, maximum: number) {
  return z.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && value.length >= minimum && value.length <= maximum,
  );
}

export function encodeVaultRecord(record: VaultRecord & { readonly v: 2 }): Uint8Array {
  const { v, n, wraps, identity } = record;
  return encodeCbor({ v, n, wraps, nonce: identity.nonce, identity: identity.sealed });
}

/** Undefined for anything that is not one vault, written the one way. */
export function decodeVaultRecord(vault: Uint8Array): VaultRecord | undefined {
  const decoded = decodeCbor(vault, LIMITS.vault);
  const one = version1.safeParse(decoded);
  if (one.success) return one.data;
  const two = version2.safeParse(decoded);
  if (!two.success) return undefined;
  const { v, n, wraps, nonce: identityNonce, identity } = two.data;
  return { v, n, wraps, identity: { nonce: identityNonce, sealed: identity } };
}
