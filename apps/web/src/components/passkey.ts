import {
  type AuthenticationResponseJSON,
  base64URLStringToBuffer,
  browserSupportsWebAuthn,
  bufferToBase64URLString,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser';
import { ChatError, PRF_SALT } from '@sotto/core/page';

/**
 * Passkeys (WebAuthn level 3), which only a window can ask for. Options and answers are JSON, as relay and core have them. The
 * output of the PRF extension is taken out of the answer before that becomes JSON: it opens the vault, and the relay gets
 * the answer. All functions reject with ChatError `passkey_refused` when the person cancels or the browser cannot.
 */

export interface PasskeyAnswer {
  /** base64url of the credential id. */
  readonly credential: string;
  /** JSON for the relay. */
  readonly response: string;
  /** 32 bytes; undefined where browser or authenticator has no PRF. */
  readonly prf: Uint8Array<ArrayBuffer> | undefined;
}

export function hasPasskeys(): boolean {
  return browserSupportsWebAuthn();
}

/** Shows a passkey. `options`: JSON of request options. */
export async function showPasskey(options: string): Promise<PasskeyAnswer> {
  return refusing(async () => {
    const optionsJSON = withBytes(JSON.parse(options) as PublicKeyCredentialRequestOptionsJSON);
    return answerOf(await startAuthentication({ optionsJSON }));
  });
}

/**
 * Makes a passkey. `options`: JSON of creation options. Authenticators that have PRF but give nothing of it while a passkey is
 * made are asked once more, for this passkey alone.
 */
export async function makePasskey(options: string): Promise<PasskeyAnswer> {
  return refusing(async () => {
    const optionsJSON = withBytes(JSON.parse(options) as PublicKeyCredentialCreationOptionsJSON);
    const made = await startRegistration({ optionsJSON });
    const answer = answerOf(made);
    if (answer.prf !== undefined || made.clientExtensionResults.prf?.enabled !== true) return answer;
    const { prf } = await askPrf([made.id]);
    return { ...answer, prf };
  });
}

/** Asks one of `credentials` (base64url ids) for its PRF output alone: nobody but this device reads the answer. */
export async function askPrf(
  credentials: readonly string[],
): Promise<{ readonly credential: string; readonly prf: Uint8Array<ArrayBuffer> }> {
  const challenge = crypto.getRandomValues(new Uint8Array(32));
  const { credential, prf } = await showPasskey(
    JSON.stringify({
      challenge: bufferToBase64URLString(challenge.buffer),
      allowCredentials: credentials.map((id) => ({ id, type: 'public-key' })),
      userVerification: 'required',
      extensions: { prf: { eval: { first: PRF_SALT } } },
    }),
  );
  if (prf === undefined) throw new ChatError('passkey_refused');
  return { credential, prf };
}

type OptionsWithPrf = Pick<PublicKeyCredentialRequestOptionsJSON, 'extensions'>;

/** The library passes extensions on as they are; the browser wants bytes where JSON has base64url. */
function withBytes<O extends OptionsWithPrf>(options: O): O {
  const first: unknown = options.extensions?.prf?.eval?.first;
  if (typeof first !== 'string') return options;
  const prf = { eval: { first: base64URLStringToBuffer(first) } };
  return { ...options, extensions: { ...options.extensions, prf } };
}

function answerOf(answer: AuthenticationResponseJSON | RegistrationResponseJSON): PasskeyAnswer {
  const { prf, ...results } = answer.clientExtensionResults;
  const first: unknown = prf?.results?.first;
  return {
    credential: answer.id,
    response: JSON.stringify({ ...answer, clientExtensionResults: results }),
    prf: bytesOf(first),
  };
}

/** Password managers that stand in for the browser give views, buffers, or base64url. */
function bytesOf(output: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (output instanceof ArrayBuffer) return new Uint8Array(output.slice(0));
  if (ArrayBuffer.isView(output)) {
    return Uint8Array.from(new Uint8Array(output.buffer, output.byteOffset, output.byteLength));
  }
  return typeof output === 'string' ? new Uint8Array(base64URLStringToBuffer(output)) : undefined;
}

async function refusing<T>(ceremony: () => Promise<T>): Promise<T> {
  try {
    return await ceremony();
  } catch (cause) {
    if (cause instanceof ChatError) throw cause;
    throw new ChatError('passkey_refused', { cause });
  }
}
