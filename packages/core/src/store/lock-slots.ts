import { decodeCbor, encodeCbor, equalBytes, LIMITS } from '@sotto/protocol';
import { argon2id } from 'hash-wasm';
import { z } from 'zod';
import type { LockSlots } from './record-store.ts';

/**
 * How a passphrase is stretched: Argon2id (RFC 9106) in the memory of its second recommended option. Constants of the build
 * under the version that the slots name: whoever holds the disk chooses salts, never the work of a guess.
 */
const STRETCHING = { iterations: 3, memorySize: 64 * 1024, parallelism: 1, hashLength: 32 } as const;
const VERSION = 1;
const SALT = 16;
const SECRET = 32;
const NONCE = 12;
const TAG = 16;
const SLOTS_LIMIT = 32 * 1024;
const DOMAIN = 'sotto-lock-v1';

/** A passkey's PRF output has 32 bytes (WebAuthn level 3, §10.1.4). */
const PRF = 32;

const bytes = (length: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length);
const boxFields = { nonce: bytes(NONCE), sealed: bytes(SECRET + TAG) };
const credentialId = z.custom<Uint8Array>(
  (value) => value instanceof Uint8Array && value.length > 0 && value.length <= LIMITS.credentialId,
);
const slotsShape = z.strictObject({
  v: z.literal(VERSION),
  salt: bytes(SALT),
  passphrase: z.strictObject(boxFields),
  passkeys: z.array(z.strictObject({ credential: credentialId, ...boxFields })).max(LIMITS.passkeys),
});
type Slots = z.infer<typeof slotsShape>;

type Random = (length: number) => Uint8Array<ArrayBuffer>;

/** What a person opens the lock with. `prf`: what the passkey gave for the salt of the build. */
export type LockProof =
  | { readonly way: 'passphrase'; readonly passphrase: string }
  | { readonly way: 'passkey'; readonly credential: Uint8Array; readonly prf: Uint8Array };

/**
 * Slots that hold `secret` (32 bytes) under a passphrase. The passkeys of `before`, which hold the same secret, stay.
 * AES-256-GCM, associated data = domain and what the slot is for.
 */
export async function wrapSecret(
  secret: Uint8Array,
  passphrase: string,
  random: Random,
  before?: LockSlots,
): Promise<LockSlots> {
  const salt = random(SALT);
  const key = await stretch(passphrase, salt);
  const box = await seal(key, secret, associated(), random);
  return encodeCbor({ v: VERSION, salt, passphrase: box, passkeys: readSlots(before)?.passkeys ?? [] });
}

/**
 * The same slots with one for a passkey, in the place of an earlier one of its own. Undefined for a PRF output that is
 * none, and when there is no room.
 */
export async function wrapForPasskey(
  slots: LockSlots,
  secret: Uint8Array,
  passkey: { readonly credential: Uint8Array; readonly prf: Uint8Array },
  random: Random,
): Promise<LockSlots | undefined> {
  const before = readSlots(slots);
  const { credential, prf } = passkey;
  if (before === undefined || prf.length !== PRF) return undefined;
  const box = await seal(await passkeyKey(prf), secret, associated(credential), random);
  const others = before.passkeys.filter((one) => !equalBytes(one.credential, credential));
  const passkeys = [...others, { credential, ...box }];
  return slotsShape.safeParse({ ...before, passkeys }).success
    ? encodeCbor({ ...before, passkeys })
    : undefined;
}

/**
 * The secret, or undefined for a wrong passphrase, a passkey that has no slot or another output, and slots that are
 * altered: the disk's holder learns nothing from which it was, and a passphrase costs the same work in each case.
 */
export async function unwrapSecret(
  slots: LockSlots,
  proof: LockProof,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const read = readSlots(slots);
  if (proof.way === 'passphrase') {
    const key = await stretch(proof.passphrase, read?.salt ?? new Uint8Array(SALT));
    return await open(key, read?.passphrase, associated());
  }
  if (proof.prf.length !== PRF) return undefined;
  const slot = read?.passkeys.find(({ credential }) => equalBytes(credential, proof.credential));
  return await open(await passkeyKey(proof.prf), slot, associated(proof.credential));
}

/** Credential ids of the passkeys that have a slot. None when the slots do not read. */
export function listPasskeys(slots: LockSlots): readonly Uint8Array[] {
  return readSlots(slots)?.passkeys.map(({ credential }) => credential) ?? [];
}

function readSlots(slots: LockSlots | undefined): Slots | undefined {
  const parsed = slotsShape.safeParse(slots === undefined ? undefined : decodeCbor(slots, SLOTS_LIMIT));
  return parsed.success ? parsed.data : undefined;
}

/** The same letters typed on another keyboard are the same passphrase (RFC 8265 §4.2.2). */
async function stretch(passphrase: string, salt: Uint8Array): Promise<CryptoKey> {
  // Argon2 takes an empty one, this implementation does not; it is wrong wherever it is tried.
  const password = new TextEncoder().encode(passphrase.normalize('NFC') || '\u0000');
  const raw = await argon2id({ ...STRETCHING, password, salt, outputType: 'binary' });
  password.fill(0);
  return await importAndErase(new Uint8Array(raw));
}

async function passkeyKey(prf: Uint8Array): Promise<CryptoKey> {
  const source = await crypto.subtle.importKey('raw', new Uint8Array(prf), 'HKDF', false, ['deriveBits']);
  const info = new TextEncoder().encode(`${DOMAIN} passkey`);
  const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info };
  return await importAndErase(new Uint8Array(await crypto.subtle.deriveBits(algorithm, source, 256)));
}

async function importAndErase(raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  } finally {
    raw.fill(0);
  }
}

function associated(credential?: Uint8Array): Uint8Array<ArrayBuffer> {
  const purpose = credential === undefined ? ['passphrase'] : ['passkey', credential];
  return new Uint8Array(encodeCbor([DOMAIN, ...purpose]));
}

async function seal(
  key: CryptoKey,
  secret: Uint8Array,
  additionalData: Uint8Array<ArrayBuffer>,
  random: Random,
): Promise<Slots['passphrase']> {
  const iv = random(NONCE);
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData },
    key,
    new Uint8Array(secret),
  );
  return { nonce: iv, sealed: new Uint8Array(sealed) };
}

async function open(
  key: CryptoKey,
  box: Slots['passphrase'] | undefined,
  additionalData: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (box === undefined) return undefined;
  const algorithm = { name: 'AES-GCM', iv: new Uint8Array(box.nonce), additionalData };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, new Uint8Array(box.sealed)));
  } catch {
    return undefined;
  }
}
