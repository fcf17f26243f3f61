import { encodeBase64Url, LIMITS } from '@sotto/protocol';
import { z } from 'zod';
import { PRF_SALT } from '../chat/account-verbs.ts';
import { ChatError } from '../chat/chat.ts';
import type { Random } from '../chat/clock.ts';
import type { Wrap } from './vault-wraps.ts';

const PRF = { prf: { eval: { first: PRF_SALT } } };

/** Parts that say nothing of who asks for what: whatever else the relay writes is left out. */
const timeout = z.int().min(0).optional();
const credential = z.object({
  id: z.string(),
  type: z.literal('public-key'),
  transports: z.array(z.string()).optional(),
});
const request = z.object({
  challenge: z.string(),
  timeout,
  rpId: z.string().optional(),
  allowCredentials: z.array(credential).optional(),
});
const creation = z.object({
  rp: z.object({ id: z.string().optional(), name: z.string() }),
  user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
  challenge: z.string(),
  pubKeyCredParams: z.array(z.object({ alg: z.int(), type: z.literal('public-key') })),
  timeout,
  excludeCredentials: z.array(credential).optional(),
  authenticatorSelection: z.object({ residentKey: z.enum(['preferred', 'required']).optional() }).optional(),
});

/**
 * What the relay asks of a passkey (JSON), for this origin's own host, with its user verified, and with our salt for PRF. A relay could
 * ask in the name of another site that shares its domain, for another output, or for the make of the authenticator. Throws `passkey_refused`.
 */
export function requestOptions(options: string, origin: string): string {
  const asked = parse(request, options);
  const rpId = hostOf(origin, asked.rpId);
  return JSON.stringify({ ...asked, rpId, userVerification: 'required', extensions: PRF });
}

/** The same for a passkey that is made. */
export function creationOptions(options: string, origin: string): string {
  const asked = parse(creation, options);
  const rp = { ...asked.rp, id: hostOf(origin, asked.rp.id) };
  const authenticatorSelection = { ...asked.authenticatorSelection, userVerification: 'required' };
  return JSON.stringify({ ...asked, rp, authenticatorSelection, attestation: 'none', extensions: PRF });
}

function hostOf(origin: string, asked: string | undefined): string {
  const host = new URL(origin).hostname;
  if (asked !== undefined && asked !== host) throw new ChatError('passkey_refused', { cause: 'other_site' });
  return host;
}

/**
 * Request options for a passkey that opens the vault; undefined when none does. Nobody verifies the answer's signature: what
 * counts is the PRF output, so the challenge is this device's own.
 */
export function unlockOptions(wraps: readonly Wrap[], random: Random): string | undefined {
  const allowCredentials = wraps
    .filter(({ kind }) => kind === 'passkey')
    .map(({ id }) => ({ type: 'public-key', id: encodeBase64Url(id) }));
  if (allowCredentials.length === 0) return undefined;
  const challenge = encodeBase64Url(random(32));
  return JSON.stringify({ challenge, allowCredentials, userVerification: 'required', extensions: PRF });
}

/** The credential id in what `navigator.credentials` gave (JSON). Throws `passkey_refused`. */
export function credentialIn(response: string): string {
  return parse(z.object({ id: z.string() }), response).id;
}

function parse<T>(shape: z.ZodType<T>, text: string): T {
  if (text.length <= LIMITS.webAuthn) {
    try {
      const parsed = shape.safeParse(JSON.parse(text));
      if (parsed.success) return parsed.data;
    } catch {
      // No JSON: refused below.
    }
  }
  throw new ChatError('passkey_refused');
}
