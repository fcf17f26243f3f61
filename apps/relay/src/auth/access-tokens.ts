import {
  type AccountId,
  type DeviceId,
  decodeHex,
  encodeBase64Url,
  encodeHex,
  LIMITS,
} from '@sotto/protocol';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Clock, Random } from '../clock.ts';
import type { OpenSession, SessionId } from '../store/session-store.ts';

/** Makes and reads access tokens: JWT (RFC 7519), HS256 and nothing else. */
export interface AccessTokens {
  sign(session: OpenSession): Promise<string>;
  /** The session a token of this relay names, open or not; undefined for any other text. The text is the caller's. */
  verify(token: string): Promise<OpenSession | undefined>;
}

export interface AccessTokenDeps {
  /** At least 32 bytes. Secret. */
  readonly secret: Uint8Array;
  readonly origin: () => string;
  readonly clock: Clock;
  readonly random: Random;
}

const AUDIENCE = 'sotto-relay';
const LONGEST_TOKEN = 2048;
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

export function createAccessTokens({ secret, origin, clock, random }: AccessTokenDeps): AccessTokens {
  return {
    sign(session) {
      const now = Math.floor(clock() / 1000);
      return new SignJWT({ sid: encodeHex(session.id), did: encodeHex(session.device) })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setSubject(encodeHex(session.account))
        .setIssuer(origin())
        .setAudience(AUDIENCE)
        .setIssuedAt(now)
        .setExpirationTime(now + LIMITS.accessTokenSeconds)
        .setJti(encodeBase64Url(random(16)))
        .sign(secret);
    },
    async verify(token) {
      if (token.length > LONGEST_TOKEN) return undefined;
      try {
        const { payload } = await jwtVerify(token, secret, {
          algorithms: ['HS256'],
          typ: 'JWT',
          issuer: origin(),
          audience: AUDIENCE,
          clockTolerance: 0,
          currentDate: new Date(clock()),
        });
        return readClaims(payload);
      } catch {
        return undefined;
      }
    },
  };
}

function readClaims(payload: unknown): OpenSession | undefined {
  const parsed = claims.safeParse(payload);
  if (!parsed.success) return undefined;
  const [sid, sub, did] = [parsed.data.sid, parsed.data.sub, parsed.data.did].map(decodeHex);
  if (sid === undefined || sub === undefined || did === undefined) return undefined;
  return { id: sid as SessionId, account: sub as AccountId, device: did as DeviceId };
}
