import { client, ready, server } from '@serenity-kit/opaque';
import { opaqueServerIdentifier, type Username } from '@sotto/protocol';
import type { Random } from '../clock.ts';

/**
 * The relay's side of OPAQUE (RFC 9807). Every message is the client's: `undefined` or false for one that does not parse
 * or does not prove the password, never a throw.
 */
export interface OpaqueServer {
  answerRegistration(username: Username, request: Uint8Array): Uint8Array | undefined;
  /** Whether a record of the client can serve for logins. */
  isRecord(record: Uint8Array): boolean;
  /**
   * Without a record the answer is a fake one (RFC 9807 §10.9): made by the same steps from a record of this process that
   * no password opens, so that neither size nor time tells.
   */
  startLogin(
    username: Username,
    record: Uint8Array | undefined,
    request: Uint8Array,
  ): { readonly state: string; readonly response: Uint8Array } | undefined;
  finishLogin(username: Username, state: string, finish: Uint8Array): boolean;
}

export interface OpaqueDeps {
  /** The server setup: secret. Whoever has it and a record can guess passwords offline. */
  readonly setup: string;
  /** The public origin, part of what the password is bound to. */
  readonly origin: () => string;
  readonly random: Random;
}

/** Rejects when `setup` is not a server setup. */
export async function createOpaqueServer({ setup, origin, random }: OpaqueDeps): Promise<OpaqueServer> {
  await ready;
  const decoy = makeDecoy(setup, random);
  const startLogin = (username: Username, record: Uint8Array, request: string) => {
    const { serverLoginState, loginResponse } = server.startLogin({
      serverSetup: setup,
      registrationRecord: encodeMessage(record),
      startLoginRequest: request,
      userIdentifier: username,
      identifiers: { client: username, server: opaqueServerIdentifier(origin()) },
    });
    return { state: serverLoginState, response: decodeMessage(loginResponse) };
  };
  return {
    answerRegistration: (username, request) =>
      unlessMalformed(() => {
        const { registrationResponse } = server.createRegistrationResponse({
          serverSetup: setup,
          userIdentifier: username,
          registrationRequest: encodeMessage(request),
        });
        return decodeMessage(registrationResponse);
      }),
    // A record is only ever parsed by a login, so one is begun: a broken one must not become an account.
    isRecord: (record) => {
      const { startLoginRequest } = client.startLogin({ password: '' });
      return unlessMalformed(() => startLogin('' as Username, record, startLoginRequest)) !== undefined;
    },
    startLogin: (username, record, request) =>
      unlessMalformed(() => startLogin(username, record ?? decoy, encodeMessage(request))),
    finishLogin: (username, state, finish) =>
      unlessMalformed(() =>
        server.finishLogin({
          serverLoginState: state,
          finishLoginRequest: encodeMessage(finish),
          identifiers: { client: username, server: opaqueServerIdentifier(origin()) },
        }),
      ) !== undefined,
  };
}

/** A record as of a real account, of a password that is thrown away. Throws when `setup` is not a server setup. */
function makeDecoy(setup: string, random: Random): Uint8Array {
  const password = encodeMessage(random(32));
  const { clientRegistrationState, registrationRequest } = client.startRegistration({ password });
  const { registrationResponse } = server.createRegistrationResponse({
    serverSetup: setup,
    userIdentifier: '',
    registrationRequest,
  });
  const { registrationRecord } = client.finishRegistration({
    password,
    clientRegistrationState,
    registrationResponse,
    keyStretching: { 'argon2id-custom': { iterations: 1, memory: 8, parallelism: 1 } },
  });
  return decodeMessage(registrationRecord);
}

/** Secret: made once for a relay and kept, since every record depends on it. */
export async function makeOpaqueSetup(): Promise<string> {
  await ready;
  return server.createSetup();
}

/** The library throws for whatever it refuses, without a code: what it was given here is always a stranger's message. */
function unlessMalformed<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** The library speaks base64url. By Node's own coder: a message is some hundred bytes, and a login has six. */
function encodeMessage(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url');
}

function decodeMessage(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
