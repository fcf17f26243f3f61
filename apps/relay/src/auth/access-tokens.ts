import {
  type AccountId,
  type DeviceId,
  decodeBase64Url,
  decodeHex,
  encodeBase64Url,
  encodeHex,
  LIMITS,
} from '@sotto/protocol';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { OpenSession, SessionId } from '../store/session-store.ts';

/** Makes and reads access tokens: JWT (RFC 7519), HS256 and nothing else. */
export interface AccessTokens {
  sign(named: NamedPair): Promise<string>;
  /** What a token of this relay names, open or not; undefined for any other text. The text is the caller's. */
  verify(token: string): Promise<NamedPair | undefined>;
}

/** A session, and the pair of tokens that the access token is half of: `jti`, the hash of the refresh token beside it. */
export interface NamedPair {
  readonly session: OpenSession;
  readonly refreshHash: Uint8Array;
}

export interface AccessTokenDeps {
  /** At least 32 bytes. Secret. Asked at each token, for an operator may put another in its place. */
  readonly secret: () => Uint8Array;
  readonly origin: () => string;
  readonly clock: Clock;
}

const AUDIENCE = 'sotto-relay';
const LONGEST_TOKEN = 2048;
/** Seconds that the clocks of two nodes may be apart: a token made later than that from now was not made here. */
const NODES_APART = 5;
const HEADER = { alg: 'HS256', typ: 'JWT' } as const;
const HEADER_TEXT = encodeBase64Url(new TextEncoder().encode(JSON.stringify(HEADER)));
const id = z.string().regex(/^[0-9a-f]{32}$/);
const claims = z.strictObject({
  sub: id,
  sid: id,
  did: id,
  iss: z.string(),
  aud: z.literal(AUDIENCE),
  iat: z.int(),
  exp: z.int(),
  jti: z.string(),
});

export function createAccessTokens({ secret, origin, clock }: AccessTokenDeps): AccessTokens {
  const importedKey = createImportedKey(secret);
  return {
    async sign({ session, refreshHash }) {
      const now = Math.floor(clock() / 1000);
      const named = {
        sub: encodeHex(session.account),
        sid: encodeHex(session.id),
        did: encodeHex(session.device),
        iss: origin(),
        aud: AUDIENCE,
        iat: now,
        exp: now + LIMITS.accessTokenSeconds,
        jti: encodeBase64Url(refreshHash),
      } satisfies z.infer<typeof claims>;
      return new SignJWT(named).setProtectedHeader(HEADER).sign(await importedKey());
    },
    async verify(token) {
      if (token.length > LONGEST_TOKEN || !hasExactForm(token)) return undefined;
      try {
        const { payload } = await jwtVerify(token, await importedKey(), {
          algorithms: ['HS256'],
          typ: 'JWT',
          issuer: origin(),
          audience: AUDIENCE,
          clockTolerance: 0,
          currentDate: new Date(clock()),
        });
        return readClaims(payload, clock());
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}

/** The key of tokens, imported once for each secret. */
function createImportedKey(secret: () => Uint8Array): () => Promise<CryptoKey> {
  let held: { readonly secret: Uint8Array; readonly key: Promise<CryptoKey> } | undefined;
  return () => {
    const now = secret();
    if (held?.secret !== now) {
      const raw = new Uint8Array(now);
      const key = crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, [
        'sign',
        'verify',
      ]);
      held = { secret: now, key };
    }
    return held.key;
  };
}

/**
 * The one header that this relay writes, byte for byte: nothing in a caller's header (`kid`, `jku`, `jwk`, `x5u`, `crit`,
 * `b64`, another `alg`) is ever looked at. And a signature has one spelling, so that a token has one text.
 */
function hasExactForm(token: string): boolean {
  const [header, , signature, ...more] = token.split('.');
  if (header !== HEADER_TEXT || signature === undefined || more.length > 0) return false;
  return decodeBase64Url(signature)?.length === 32;
}

function readClaims(payload: unknown, now: number): NamedPair | undefined {
  const parsed = claims.safeParse(payload);
  if (!parsed.success || parsed.data.iat > now / 1000 + NODES_APART) return undefined;
  const [sid, sub, did] = [parsed.data.sid, parsed.data.sub, parsed.data.did].map(decodeHex);
  const refreshHash = decodeBase64Url(parsed.data.jti);
  if (sid === undefined || sub === undefined || did === undefined || refreshHash?.length !== 32)
    return undefined;
  return {
    session: { id: sid as SessionId, account: sub as AccountId, device: did as DeviceId },
    refreshHash,
  };
}
