import { equalBytes } from '@sotto/protocol';
import type { Random } from '../chat/clock.ts';
import { proveRecoveryKey, recoveryHashOf } from './recovery-key.ts';
import { deriveKey, openBox, type SealedBox, sealBox } from './vault-box.ts';

export const WRAP_KINDS = ['password', 'recovery_key', 'passkey'] as const;
export type WrapKind = (typeof WRAP_KINDS)[number];

/**
 * The vault's key under one way to open it. `id`: none for the password; the recovery hash, which the relay has anyway, for
 * the recovery key; the credential id for a passkey.
 */
export interface Wrap extends SealedBox {
  readonly kind: WrapKind;
  readonly id: Uint8Array;
}

/** What opens a wrap. `exportKey` of OPAQUE; `secret`, 160 bits, of the recovery key; `prf` output of a passkey. */
export type WrapOpener =
  | { readonly kind: 'password'; readonly exportKey: Uint8Array }
  | { readonly kind: 'recovery_key'; readonly secret: Uint8Array }
  | { readonly kind: 'passkey'; readonly credential: Uint8Array; readonly prf: Uint8Array };

/** `id` names the kind's wrap, `key` seals it. */
function handleOf(opener: WrapOpener): { readonly id: Uint8Array; readonly key: Uint8Array<ArrayBuffer> } {
  switch (opener.kind) {
    case 'password':
      return { id: new Uint8Array(0), key: deriveKey(opener.exportKey, 'sotto vault wrap password v2') };
    case 'recovery_key':
      return {
        id: recoveryHashOf(proveRecoveryKey(opener.secret)),
        key: deriveKey(opener.secret, 'sotto vault wrap recovery key v2'),
      };
    case 'passkey':
      return { id: opener.credential, key: deriveKey(opener.prf, 'sotto vault wrap passkey v2') };
  }
}

/** Associated data = account, kind, id: a wrap serves no other account and no other way. */
function aboutOf(account: Uint8Array, kind: WrapKind, id: Uint8Array): readonly unknown[] {
  return ['sotto vault wrap v2', account, kind, id];
}

export async function makeWrap(
  account: Uint8Array,
  vaultKey: Uint8Array,
  opener: WrapOpener,
  random: Random,
): Promise<Wrap> {
  const { id, key } = handleOf(opener);
  const { kind } = opener;
  const box = await sealBox(key, vaultKey, aboutOf(account, kind, id), random);
  key.fill(0);
  return { kind, id, ...box };
}

/** The vault's key, or why there is none: no such wrap in the list, or one that does not open. The list is the relay's. */
export async function openWrap(
  account: Uint8Array,
  wraps: readonly Wrap[],
  opener: WrapOpener,
): Promise<Uint8Array<ArrayBuffer> | 'no_wrap' | 'wrap_refused'> {
  const { id, key } = handleOf(opener);
  const { kind } = opener;
  const wrap = wraps.find((one) => one.kind === kind && equalBytes(one.id, id));
  if (wrap === undefined) return 'no_wrap';
  const vaultKey = await openBox(key, wrap, aboutOf(account, kind, id));
  key.fill(0);
  return vaultKey?.length === 32 ? vaultKey : 'wrap_refused';
}

/** The list with this wrap in it: in the place of the account's one of a kind, or of the same passkey's. */
export function withWrap(wraps: readonly Wrap[], wrap: Wrap): readonly Wrap[] {
  const stays = (one: Wrap) =>
    one.kind !== wrap.kind || (wrap.kind === 'passkey' && !equalBytes(one.id, wrap.id));
  return [...wraps.filter(stays), wrap];
}

export function withoutPasskey(wraps: readonly Wrap[], credential: Uint8Array): readonly Wrap[] {
  return wraps.filter((one) => one.kind !== 'passkey' || !equalBytes(one.id, credential));
}

/** What the relay keeps to check the recovery key by; undefined without one. */
export function recoveryHashIn(wraps: readonly Wrap[]): Uint8Array | undefined {
  return wraps.find(({ kind }) => kind === 'recovery_key')?.id;
}
