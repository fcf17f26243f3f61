import { createHmac } from 'node:crypto';
import { type AccountId, type DeviceId, encodeBase64Url, encodeHex } from '@sotto/protocol';
import { UnsecuredJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { createAccessTokens } from '../../src/auth/access-tokens.ts';
import type { OpenSession, SessionId } from '../../src/store/session-store.ts';
import { createPerson } from '../http/person.ts';
import { createTestRelay, type TestRelay } from '../http/test-relay.ts';

const ORIGIN = 'https://chat.example';
const secret = new Uint8Array(32).fill(7);
const fill = (byte: number) => new Uint8Array(16).fill(byte);
const session: OpenSession = {
  id: fill(1) as SessionId,
  account: fill(2) as AccountId,
  device: fill(3) as DeviceId,
};
const START = Date.UTC(2026, 0, 1);
const pair = { session, refreshHash: new Uint8Array(32).fill(4) };
let now = START;
let inForce = secret;
const tokens = createAccessTokens({ secret: () => inForce, origin: () => ORIGIN, clock: () => now });

const encode = (value: unknown) => encodeBase64Url(new TextEncoder().encode(JSON.stringify(value)));
const claims = {
  sub: encodeHex(session.account),
  sid: encodeHex(session.id),
  did: encodeHex(session.device),
  iss: ORIGIN,
  aud: 'sotto-relay',
  iat: START / 1000,
  exp: START / 1000 + 600,
  jti: encodeBase64Url(pair.refreshHash),
};
/** A token with any header and claims, under the right key. */
const forge = (header: object, changes: object = {}, hash = 'sha256', key: Uint8Array = secret) => {
  const signed = `${encode(header)}.${encode({ ...claims, ...changes })}`;
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
};
const HEADER = { alg: 'HS256', typ: 'JWT' };
const GOOD = forge(HEADER);
/** The other text that a lenient reader takes for the same 32 bytes: its last two bits stand for nothing. */
const STRAY_BITS = GOOD.slice(0, -1) + String.fromCharCode(GOOD.charCodeAt(GOOD.length - 1) + 1);

describe('[AUTH8] an access token', () => {
  it('[AUTH8] names its session until it expires', async () => {
    const token = await tokens.sign(pair);
    expect(await tokens.verify(token)).toEqual(pair);
    now = START + 599_999;
    expect(await tokens.verify(token)).toEqual(pair);
    now = START + 600_000;
    expect(await tokens.verify(token)).toBeUndefined();
    now = START;
  });

  it('[AUTH8] that was forged with the right key and form would pass: the tricks below fail for their own reason', async () => {
    expect(await tokens.verify(forge(HEADER))).toEqual(pair);
  });

  const tricks: Record<string, string> = {
    'no algorithm': new UnsecuredJWT(claims).encode(),
    'algorithm none with a signature': forge({ alg: 'none', typ: 'JWT' }),
    'another hash': forge({ alg: 'HS512', typ: 'JWT' }, {}, 'sha512'),
    'a public-key algorithm': forge({ alg: 'RS256', typ: 'JWT' }),
    'another key': forge(HEADER, {}, 'sha256', fill(9)),
    'a key in its header': forge(
      { ...HEADER, jwk: { kty: 'oct', k: encodeBase64Url(fill(9)) } },
      {},
      'sha256',
      fill(9),
    ),
    'a key in its header, under the right one': forge({ ...HEADER, jwk: { kty: 'oct', k: 'AA' } }),
    'a name for its key': forge({ ...HEADER, kid: '../../dev/null' }),
    'an address of keys': forge({ ...HEADER, jku: 'https://evil.example/keys' }),
    'an address of a certificate': forge({ ...HEADER, x5u: 'https://evil.example/cert' }),
    'a certificate': forge({ ...HEADER, x5c: ['MIIB'] }),
    'a payload that is said to be plain': forge({ ...HEADER, b64: false, crit: ['b64'] }),
    'an unknown critical header': forge({ ...HEADER, crit: ['exp'] }),
    'its header in another order': forge({ typ: 'JWT', alg: 'HS256' }),
    'no type': forge({ alg: 'HS256' }),
    'a header that reaches for a prototype': forge(JSON.parse('{"alg":"HS256","typ":"JWT","__proto__":{}}')),
    'another audience': forge(HEADER, { aud: 'elsewhere' }),
    'two audiences': forge(HEADER, { aud: ['sotto-relay', 'elsewhere'] }),
    'another issuer': forge(HEADER, { iss: 'https://evil.example' }),
    'no expiry': forge(HEADER, { exp: undefined }),
    'an expiry that is a text': forge(HEADER, { exp: '9999999999' }),
    'a making in the future': forge(HEADER, { iat: START / 1000 + 60 }),
    'a start in the past': forge(HEADER, { nbf: START / 1000 - 60 }),
    'a part too many': `${GOOD}.${GOOD.split('.')[2]}`,
    'something behind it': `${GOOD}A`,
    'a line behind it': `${GOOD}\n`,
    'padding behind it': `${GOOD}=`,
    'a signature cut short': GOOD.slice(0, -1),
    'no signature': GOOD.slice(0, GOOD.lastIndexOf('.') + 1),
    'a signature with stray bits': STRAY_BITS,
    'a start in the future': forge(HEADER, { nbf: START / 1000 + 60 }),
    'a short account': forge(HEADER, { sub: 'aa' }),
    'an account that is a list': forge(HEADER, { sub: [claims.sub] }),
    'a pair of another length': forge(HEADER, { jti: 'x' }),
    'a claim too many': forge(HEADER, { admin: true }),
    'another type': forge({ alg: 'HS256', typ: 'refresh' }),
    'nothing in it': '',
    'only dots': '..',
    'a million characters': 'a'.repeat(1_000_000),
    'a million characters that are signed': forge(HEADER, { jti: 'x'.repeat(1_000_000) }),
  };
  it('[AUTH61] has one text: the same signature in other letters is another text', () => {
    const signatures = [GOOD, STRAY_BITS].map((token) => Buffer.from(token.split('.')[2] ?? '', 'base64url'));
    expect(STRAY_BITS).not.toBe(GOOD);
    expect(signatures[0]?.equals(signatures[1] ?? Buffer.alloc(0))).toBe(true);
  });

  it('[AUTH61] of a node whose clock is seconds ahead is taken', async () => {
    expect(await tokens.verify(forge(HEADER, { iat: START / 1000 + 5 }))).toEqual(pair);
    expect(await tokens.verify(forge(HEADER, { iat: START / 1000 + 6 }))).toBeUndefined();
  });

  it('[AUTH62] is none from the moment that its secret is replaced, and new ones are made with the new one', async () => {
    const before = await tokens.sign(pair);
    inForce = new Uint8Array(32).fill(8);
    expect(await tokens.verify(before)).toBeUndefined();
    expect(await tokens.verify(await tokens.sign(pair))).toEqual(pair);
    inForce = secret;
    expect(await tokens.verify(before)).toEqual(pair);
  });

  it.each(Object.entries(tricks))('[AUTH8] [AUTH61] with %s is none', async (_trick, token) => {
    expect(await tokens.verify(token)).toBeUndefined();
  });
});

describe('[AUTH8] a relay asked with a token in hand', () => {
  let relay: TestRelay;
  afterEach(() => relay.close());

  it('[AUTH8] answers unauthorized to every trick, and session_ended to a true one whose session is over', async () => {
    relay = await createTestRelay();
    const alice = createPerson(relay, 'alice');
    await alice.register('a password');
    const ask = async (authorization: string | undefined) => {
      const headers = { accept: 'application/json', ...(authorization !== undefined && { authorization }) };
      const { status, body } = await relay.call('GET', '/keys/packages', { headers });
      return { status, ...JSON.parse(new TextDecoder().decode(body)) };
    };
    const token = alice.accessToken ?? '';
    for (const text of [
      undefined,
      token,
      `bearer ${token}`,
      `Bearer  ${token}`,
      'Bearer',
      `Bearer ${'a'.repeat(8000)}`,
    ]) {
      expect(await ask(text)).toEqual({ status: 401, ok: false, code: 'unauthorized' });
    }
    relay.advance(600);
    expect(await ask(`Bearer ${token}`)).toEqual({ status: 401, ok: false, code: 'unauthorized' });
    await alice.refresh();
    const fresh = alice.accessToken;
    await alice.logOut();
    expect(await ask(`Bearer ${fresh}`)).toEqual({ status: 401, ok: false, code: 'session_ended' });
  });
});
