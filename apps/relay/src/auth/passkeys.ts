import { createHash } from 'node:crypto';
import type { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { type AccountId, decodeBase64Url, encodeBase64Url, LIMITS, type Username } from '@sotto/protocol';
import { z } from 'zod';
import type { Passkey } from './account-proofs.ts';

/** The relying party's side of WebAuthn (level 3). Responses are the client's: undefined for whatever does not verify. */
export interface Passkeys {
  /** JSON of creation options. `challenge`: 32 random bytes. */
  creationOptions(of: {
    readonly account: AccountId;
    readonly username: Username;
    readonly challenge: Uint8Array;
    readonly known: readonly Passkey[];
  }): Promise<string>;
  verifyCreation(
    response: string,
    challenge: Uint8Array,
  ): Promise<Pick<Passkey, 'id' | 'publicKey' | 'counter' | 'transports'> | undefined>;
  /** JSON of request options for any of these. */
  requestOptions(passkeys: readonly Passkey[], challenge: Uint8Array): Promise<string>;
  /** Which of them signed, and how often it has by its own account. */
  verifyRequest(
    response: string,
    challenge: Uint8Array,
    passkeys: readonly Passkey[],
  ): Promise<{ readonly id: Uint8Array; readonly counter: number } | undefined>;
}

/** Loaded when a passkey is asked for the first time: its certificates and ASN.1 take longer than the rest of sign-in together. */
const webAuthn = () => import('@simplewebauthn/server');

const TIMEOUT_MS = 300_000;
/** A passkey's secret for the vault is its PRF of this: a constant of the protocol between page and authenticator. */
const PRF_INPUT = createHash('sha256').update('sotto vault prf v1').digest('base64url');
/** The library's types do not know the extension; browsers take it as base64url in JSON (WebAuthn level 3 §10.1.4). */
const extensions = { prf: { eval: { first: PRF_INPUT } } } as object;

const text = z.string().max(LIMITS.webAuthn);
const base = {
  id: text,
  rawId: text,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).optional(),
  clientExtensionResults: z.looseObject({}),
};
const creation = z.object({
  ...base,
  response: z.object({
    clientDataJSON: text,
    attestationObject: text,
    transports: z.array(z.string().max(32)).max(8).optional(),
  }),
});
const request = z.object({
  ...base,
  response: z.object({
    clientDataJSON: text,
    authenticatorData: text,
    signature: text,
    userHandle: text.optional(),
  }),
});

export function createPasskeys(origin: () => string): Passkeys {
  const site = () => ({ rpID: new URL(origin()).hostname });
  const expected = (challenge: Uint8Array) => ({
    expectedChallenge: encodeBase64Url(challenge),
    expectedOrigin: origin(),
    expectedRPID: site().rpID,
    requireUserVerification: true,
  });
  return {
    async creationOptions({ account, username, challenge, known }) {
      const options = await (await webAuthn()).generateRegistrationOptions({
        ...site(),
        rpName: 'Sotto',
        userName: username,
        userID: new Uint8Array(account),
        challenge: new Uint8Array(challenge),
        timeout: TIMEOUT_MS,
        attestationType: 'none',
        excludeCredentials: known.map(describe),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        extensions,
      });
      return JSON.stringify(options);
    },
    async verifyCreation(response, challenge) {
      const parsed = parseJson(creation, response);
      if (parsed === undefined) return undefined;
      return unlessRefused(async () => {
        const { registrationInfo } = await (await webAuthn()).verifyRegistrationResponse({
          ...expected(challenge),
          response: parsed as Parameters<typeof verifyRegistrationResponse>[0]['response'],
        });
        if (registrationInfo === undefined) return undefined;
        const { id, publicKey, counter } = registrationInfo.credential;
        const credential = decodeBase64Url(id);
        if (credential === undefined || credential.length > LIMITS.credentialId) return undefined;
        const { transports } = parsed.response;
        return { id: credential, publicKey, counter, ...(transports !== undefined && { transports }) };
      });
    },
    async requestOptions(passkeys, challenge) {
      const options = await (await webAuthn()).generateAuthenticationOptions({
        ...site(),
        allowCredentials: passkeys.map(describe),
        challenge: new Uint8Array(challenge),
        timeout: TIMEOUT_MS,
        userVerification: 'required',
        extensions,
      });
      return JSON.stringify(options);
    },
    async verifyRequest(response, challenge, passkeys) {
      const parsed = parseJson(request, response);
      const passkey = passkeys.find(({ id }) => encodeBase64Url(id) === parsed?.id);
      if (parsed === undefined || passkey === undefined) return undefined;
      const { id, publicKey, counter } = passkey;
      return unlessRefused(async () => {
        const { verified, authenticationInfo } = await (await webAuthn()).verifyAuthenticationResponse({
          ...expected(challenge),
          response: parsed as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
          credential: { id: encodeBase64Url(id), publicKey: new Uint8Array(publicKey), counter },
        });
        return verified ? { id, counter: authenticationInfo.newCounter } : undefined;
      });
    },
  };
}

function describe({ id, transports }: Passkey) {
  return { id: encodeBase64Url(id), ...(transports !== undefined && { transports }) };
}

function parseJson<T>(shape: z.ZodType<T>, json: string): T | undefined {
  try {
    return shape.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

/** The library throws for whatever it refuses, without a code: what it was given here is always a stranger's. */
async function unlessRefused<T>(work: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}
