import type { AccountId, Username } from '@sotto/protocol';
import { equalBytes } from '@sotto/protocol';
import { Secret, TOTP } from 'otpauth';
import type { RelayKeys } from './relay-keys.ts';

const PERIOD = 30;
/** What every authenticator app does: RFC 6238 with SHA-1, six digits, 30 seconds. */
const COMMON = { algorithm: 'SHA1', digits: 6, period: PERIOD } as const;

/** The step of a code, one either side of now (RFC 6238 §5.2); undefined when it is none. The code is the caller's. */
export function findTotpStep(secret: Uint8Array, code: string, now: number): number | undefined {
  const delta = TOTP.validate({
    ...COMMON,
    token: code,
    secret: toSecret(secret),
    timestamp: now,
    window: 1,
  });
  return delta === null ? undefined : Math.floor(now / 1000 / PERIOD) + delta;
}

/** What a person types into an authenticator app, and the URI that its QR code holds. */
export function describeTotp(
  secret: Uint8Array,
  username: Username,
  host: string,
): { secret: string; uri: string } {
  const totp = new TOTP({ ...COMMON, issuer: host, label: username, secret: toSecret(secret) });
  return { secret: toSecret(secret).base32, uri: totp.toString() };
}

/** As the database keeps it: opened only by the relay, and only for the account it was sealed for. */
export function sealTotpSecret(keys: RelayKeys, account: AccountId, secret: Uint8Array): Uint8Array {
  return keys.seal('totp', Buffer.concat([account, secret]));
}

/** Throws when it was sealed elsewhere or for another account: the database is not what this relay wrote. */
export function openTotpSecret(keys: RelayKeys, account: AccountId, sealed: Uint8Array): Uint8Array {
  const plain = keys.open('totp', sealed);
  if (plain === undefined || !equalBytes(plain.subarray(0, 16), account)) {
    throw new Error('stored authenticator secret does not open');
  }
  return plain.subarray(16);
}

function toSecret(secret: Uint8Array): Secret {
  return new Secret({ buffer: secret.slice().buffer });
}
