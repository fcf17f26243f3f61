import { createHash, createHmac, generateKeyPairSync, getRandomValues, sign } from 'node:crypto';
import { encodeCbor } from '@sotto/protocol';

/** A passkey in software (WebAuthn level 3): ES256, no attestation, user verified, with the PRF extension. */
export interface Authenticator {
  /** base64url. */
  readonly id: string;
  /** What `navigator.credentials.create` gives for these options (JSON), and the PRF output. */
  create(options: string): { readonly response: string; readonly prf: Uint8Array };
  /** What `navigator.credentials.get` gives. */
  get(options: string): { readonly response: string; readonly prf: Uint8Array };
}

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const sha256 = (...parts: (Uint8Array | string)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

const USER_PRESENT_AND_VERIFIED = 0x05;
const ATTESTED = 0x40;

export function createAuthenticator(origin: string): Authenticator {
  const id = getRandomValues(new Uint8Array(32));
  const secret = getRandomValues(new Uint8Array(32));
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let count = 0;

  const collect = (type: string, challenge: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const head = (flags: number) => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(count);
    return [sha256(new URL(origin).hostname), Uint8Array.of(flags), counter];
  };
  const described = {
    id: base64url(id),
    rawId: base64url(id),
    type: 'public-key',
    clientExtensionResults: {},
  };
  /** §10.1.4: the platform's prefix in front of what was asked for. Throws when it was not. */
  const prfOf = (extensions: { prf: { eval: { first: string } } }) => {
    const salt = sha256('WebAuthn PRF\0', Buffer.from(extensions.prf.eval.first, 'base64url'));
    return new Uint8Array(createHmac('sha256', secret).update(salt).digest());
  };

  return {
    id: base64url(id),
    create(options) {
      const { challenge, extensions } = JSON.parse(options);
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
      // RFC 9053 §7.1.1: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
      const cose = Buffer.concat([
        Buffer.from('a5010203262001215820', 'hex'),
        Buffer.from(x, 'base64url'),
        Buffer.from('225820', 'hex'),
        Buffer.from(y, 'base64url'),
      ]);
      const authData = Buffer.concat([
        ...head(USER_PRESENT_AND_VERIFIED | ATTESTED),
        new Uint8Array(16),
        Uint8Array.of(0, id.length),
        id,
        cose,
      ]);
      const response = {
        clientDataJSON: base64url(collect('webauthn.create', challenge)),
        attestationObject: base64url(
          encodeCbor({ fmt: 'none', attStmt: {}, authData: new Uint8Array(authData) }),
        ),
        transports: ['internal'],
      };
      return { response: JSON.stringify({ ...described, response }), prf: prfOf(extensions) };
    },
    get(options) {
      count += 1;
      const { challenge, extensions } = JSON.parse(options);
      const clientData = collect('webauthn.get', challenge);
      const data = Buffer.concat(head(USER_PRESENT_AND_VERIFIED));
      const response = {
        clientDataJSON: base64url(clientData),
        authenticatorData: base64url(data),
        signature: base64url(sign('sha256', Buffer.concat([data, sha256(clientData)]), privateKey)),
      };
      return { response: JSON.stringify({ ...described, response }), prf: prfOf(extensions) };
    },
  };
}

/** What an authenticator app shows (RFC 6238: SHA-1, six digits, 30 seconds). @param secret base32. */
export function totpCode(secret: string, now: number): string {
  const bits = [...secret].map((char) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0'),
  );
  const key = Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const mac = createHmac('sha1', key).update(step).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
