import { z } from 'zod';
import { accountId, bytes, counter, deviceId, username } from '../ids.ts';
import { LIMITS } from '../limits.ts';

/** Shapes that several routes share. */

export const nothing = z.strictObject({});
export const opaqueMessage = bytes(1, LIMITS.opaqueMessage);
/** Joins the steps of one attempt: sealed by the relay, opaque to everybody else, good for one purpose and a short time. */
export const ticket = bytes(16, LIMITS.ticket);
/** What entering the password again gives: serves one change, within five minutes, of this session's account. */
export const confirmation = bytes(16, LIMITS.ticket);
export const statement = bytes(1, LIMITS.statement);
const sealedVault = bytes(1, LIMITS.vault);
/** Sealed under a key of the vault: a name for a device or passkey that only the account's own devices read. */
export const label = bytes(1, LIMITS.label);
const sha256 = bytes(32);

/** The vault as the relay keeps it: sealed bytes, and how often they were replaced. */
export const vault = z.strictObject({ bytes: sealedVault, version: counter });
export type Vault = z.infer<typeof vault>;

/**
 * The next vault. Taken only behind version `after`: `vault_conflict` otherwise. `recoveryHash`: SHA-256 of the proof that
 * the recovery key gives, present exactly when the vault has a wrap of one.
 */
export const vaultUpdate = z.strictObject({
  bytes: sealedVault,
  after: counter,
  recoveryHash: sha256.optional(),
});
export type VaultUpdate = z.infer<typeof vaultUpdate>;

/**
 * An address that mail may be sent to: one mailbox of RFC 5321 in its plain form, ASCII alone, no quotes, no comments, no
 * control characters, so that nothing of it can become a header.
 */
export const email = z
  .string()
  .max(LIMITS.email)
  .regex(
    /^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*$/,
  )
  .brand<'Email'>();
export type Email = z.infer<typeof email>;

/** Six to eight digits: by mail, or of an authenticator app (RFC 6238). */
export const code = z.string().regex(/^[0-9]{6,8}$/);
/** One of ten single-use codes: `abcde-fghij`, Crockford's base32 in lower case. */
export const recoveryCode = z.string().regex(/^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/);
/** JSON of WebAuthn (`PublicKeyCredentialRequestOptionsJSON` and its like): parsed by who uses it. */
export const webAuthnJson = z.string().min(2).max(LIMITS.webAuthn);
/** JSON of a proof-of-work challenge together with its solution, as `altcha-lib` has them. Serves once. */
export const work = z.string().min(2).max(LIMITS.work);

/** What a second factor can be. `recovery_code` and `recovery_key` stand in for any other. */
export const factorMethod = z.enum(['mail', 'totp', 'passkey', 'recovery_code', 'recovery_key']);
export type FactorMethod = z.infer<typeof factorMethod>;

/** How somebody shows one. All of it is the caller's word. */
export const factorProof = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('mail'), code }),
  z.strictObject({ method: z.literal('totp'), code }),
  z.strictObject({ method: z.literal('recovery_code'), code: recoveryCode }),
  z.strictObject({ method: z.literal('passkey'), response: webAuthnJson }),
  z.strictObject({ method: z.literal('recovery_key'), proof: bytes(32) }),
]);
export type FactorProof = z.infer<typeof factorProof>;

/** Another proof is wanted. `passkey`: WebAuthn request options, where a passkey would do. */
export const secondFactorWanted = z.strictObject({
  state: z.literal('second_factor'),
  ticket,
  methods: z.array(factorMethod).min(1).max(5),
  passkey: webAuthnJson.optional(),
});

/** What a sign-in gives: a short access token in the body, the refresh token only as an HttpOnly cookie. */
export const session = z.strictObject({
  accessToken: z.string().max(2048),
  /** Seconds. */
  expiresIn: z.int().positive(),
  account: accountId,
  device: deviceId,
  username,
});
export type Session = z.infer<typeof session>;

/** 32 hexadecimal characters in a path. */
export const accountInPath = z.strictObject({ account: z.string().regex(/^[0-9a-f]{32}$/) });
