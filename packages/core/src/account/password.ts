import { client, ready } from '@serenity-kit/opaque';
import {
  decodeBase64Url,
  encodeBase64Url,
  OPAQUE_KEY_STRETCHING,
  opaqueServerIdentifier,
} from '@sotto/protocol';

/** The client's half of OPAQUE (RFC 9807): the password stays here, the relay sees group elements only. */
export interface PasswordProtocol {
  /** RFC 9807 §5: `finish` throws when the relay's answer is no OPAQUE message. */
  startRegistration(password: string): {
    readonly request: Uint8Array;
    finish(
      username: string,
      response: Uint8Array,
    ): { readonly record: Uint8Array; readonly exportKey: Uint8Array };
  };
  /** RFC 9807 §6: `finish` is undefined for a wrong password, an unknown name, or a relay that does not hold the record. */
  startLogin(password: string): {
    readonly request: Uint8Array;
    finish(
      username: string,
      response: Uint8Array,
    ): { readonly finish: Uint8Array; readonly exportKey: Uint8Array } | undefined;
  };
}

/** @param origin of the relay, part of the server identifier: a password typed here opens nothing elsewhere. */
export async function createPasswordProtocol(origin: string): Promise<PasswordProtocol> {
  await ready;
  const shared = (username: string) =>
    ({
      identifiers: { client: username, server: opaqueServerIdentifier(origin) },
      keyStretching: OPAQUE_KEY_STRETCHING,
    }) as const;
  return {
    startRegistration(password) {
      const start = client.startRegistration({ password });
      return {
        request: fromText(start.registrationRequest),
        finish(username, response) {
          const done = client.finishRegistration({
            password,
            clientRegistrationState: start.clientRegistrationState,
            registrationResponse: encodeBase64Url(response),
            ...shared(username),
          });
          return { record: fromText(done.registrationRecord), exportKey: fromText(done.exportKey) };
        },
      };
    },
    startLogin(password) {
      const start = client.startLogin({ password });
      return {
        request: fromText(start.startLoginRequest),
        finish(username, response) {
          const done = client.finishLogin({
            password,
            clientLoginState: start.clientLoginState,
            loginResponse: encodeBase64Url(response),
            ...shared(username),
          });
          if (done === undefined) return undefined;
          return { finish: fromText(done.finishLoginRequest), exportKey: fromText(done.exportKey) };
        },
      };
    },
  };
}

function fromText(text: string): Uint8Array {
  const bytes = decodeBase64Url(text);
  if (bytes === undefined) throw new TypeError('not base64url');
  return bytes;
}
