import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { encodeCbor } from '@sotto/protocol';

/** A passkey in software: ES256, "none" attestation (WebAuthn level 3 §6.5). What it claims can be bent, as a liar would. */
export interface Bent {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  /** Without the fingerprint or PIN. */
  readonly unverified?: boolean;
  readonly signCount?: number;
}

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest();

export function createAuthenticator(
  origin: string,
  id: Uint8Array = crypto.getRandomValues(new Uint8Array(32)),
) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let signCount = 0;

  const collect = (type: string, challenge: string, bent: Bent) =>
    Buffer.from(
      JSON.stringify({
        type: bent.type ?? type,
        challenge: bent.challenge ?? challenge,
        origin: bent.origin ?? origin,
        crossOrigin: false,
      }),
    );
  const authenticatorData = (rpId: string, flags: number, bent: Bent, attested = new Uint8Array(0)) => {
    const count = new Uint8Array(4);
    new DataView(count.buffer).setUint32(0, bent.signCount ?? signCount);
    const verified = bent.unverified === true ? flags & ~USER_VERIFIED : flags;
    return Buffer.concat([sha256(bent.rpId ?? rpId), Uint8Array.of(verified), count, attested]);
  };

  return {
    id,
    /** JSON of `navigator.credentials.create` for the creation options of a relay. */
    create(options: string, bent: Bent = {}): string {
      const { challenge, rp } = JSON.parse(options);
      const length = Uint8Array.of(id.length >> 8, id.length & 255);
      const attested = Buffer.concat([new Uint8Array(16), length, id, encodeCose(publicKey)]);
      const flags = USER_PRESENT | USER_VERIFIED | ATTESTED;
      const authData = authenticatorData(rp.id, flags, bent, attested);
      return JSON.stringify({
        ...described(id),
        response: {
          clientDataJSON: base64url(collect('webauthn.create', challenge, bent)),
          attestationObject: base64url(
            encodeCbor({ fmt: 'none', attStmt: {}, authData: new Uint8Array(authData) }),
          ),
          transports: ['internal'],
        },
      });
    },
    /** JSON of `navigator.credentials.get` for the request options of a relay. */
    get(options: string, bent: Bent = {}): string {
      signCount += 1;
      const { challenge, rpId } = JSON.parse(options);
      const clientData = collect('webauthn.get', challenge, bent);
      const data = authenticatorData(rpId, USER_PRESENT | USER_VERIFIED, bent);
      const signature = sign('sha256', Buffer.concat([data, sha256(clientData)]), privateKey);
      return JSON.stringify({
        ...described(id),
        response: {
          clientDataJSON: base64url(clientData),
          authenticatorData: base64url(data),
          signature: base64url(signature),
        },
      });
    },
  };
}

export type Authenticator = ReturnType<typeof createAuthenticator>;

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED = 0x40;

function described(id: Uint8Array) {
  return { id: base64url(id), rawId: base64url(id), type: 'public-key', clientExtensionResults: {} };
}

/** RFC 9053 §7.1.1: the map {1: 2, 3: -7, -1: 1, -2: x, -3: y}, so EC2, ES256, P-256. */
function encodeCose(publicKey: KeyObject): Uint8Array {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const bytes = (label: number, text: string) => [label, 0x58, 32, ...Buffer.from(text, 'base64url')];
  return Uint8Array.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, ...bytes(0x21, x), ...bytes(0x22, y)]);
}
