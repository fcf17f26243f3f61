import { client, ready, server } from '@serenity-kit/opaque';
import { decodeBase64Url, encodeBase64Url, opaqueServerIdentifier } from '@sotto/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPasswordProtocol, type PasswordProtocol } from '../../src/account/password.ts';

const ORIGIN = 'https://chat.example';
const PASSWORD = 'correct horse battery staple';
const identifiers = { client: 'alice', server: opaqueServerIdentifier(ORIGIN) };
const bytes = (text: string) => decodeBase64Url(text) ?? new Uint8Array();

type Stretching = NonNullable<Parameters<typeof client.finishLogin>[0]['keyStretching']>;
const custom = (iterations: number, memory: number, parallelism: number): Stretching => ({
  'argon2id-custom': { iterations, memory, parallelism },
});
/** What the build pins: Argon2id, 3 passes, 64 MiB, 4 lanes (RFC 9106 §4). */
const PINNED = custom(3, 64 * 1024, 4);
const WEAKER: Record<string, Stretching> = {
  'next to nothing': custom(1, 8, 1),
  'half of the memory': custom(3, 32 * 1024, 4),
  'two passes': custom(2, 64 * 1024, 4),
  'one lane': custom(3, 64 * 1024, 1),
};

describe('how a password is stretched', () => {
  const relay = { serverSetup: '', userIdentifier: 'alice' };
  let passwords: PasswordProtocol;
  beforeAll(async () => {
    await ready;
    relay.serverSetup = server.createSetup();
    passwords = await createPasswordProtocol(ORIGIN);
  });

  const answer = (registrationRequest: string) =>
    server.createRegistrationResponse({ ...relay, registrationRequest }).registrationResponse;

  /** Whether a client that stretches like this opens the record. */
  const opens = (registrationRecord: string, keyStretching: Stretching): boolean => {
    const { clientLoginState, startLoginRequest } = client.startLogin({ password: PASSWORD });
    const { loginResponse } = server.startLogin({
      ...relay,
      identifiers,
      registrationRecord,
      startLoginRequest,
    });
    const login = { clientLoginState, loginResponse, password: PASSWORD, identifiers, keyStretching };
    return client.finishLogin(login) !== undefined;
  };

  it('[ACC31] is what the build says: a record that was made here opens with no weaker one', () => {
    const { request, finish } = passwords.startRegistration(PASSWORD);
    const { record } = finish('alice', bytes(answer(encodeBase64Url(request))));
    expect(opens(encodeBase64Url(record), PINNED)).toBe(true);
    for (const [name, weaker] of Object.entries(WEAKER))
      expect([name, opens(encodeBase64Url(record), weaker)]).toEqual([name, false]);
  });

  it('[ACC31] is the same whatever the relay holds: a record of a weaker one opens for nobody here', () => {
    for (const [name, keyStretching] of Object.entries({ ...WEAKER, pinned: PINNED })) {
      const { clientRegistrationState, registrationRequest } = client.startRegistration({
        password: PASSWORD,
      });
      const { registrationRecord } = client.finishRegistration({
        clientRegistrationState,
        registrationResponse: answer(registrationRequest),
        password: PASSWORD,
        identifiers,
        keyStretching,
      });
      const { request, finish } = passwords.startLogin(PASSWORD);
      const { loginResponse } = server.startLogin({
        ...relay,
        identifiers,
        registrationRecord,
        startLoginRequest: encodeBase64Url(request),
      });
      const opened = finish('alice', bytes(loginResponse)) !== undefined;
      expect([name, opened]).toEqual([name, name === 'pinned']);
    }
  });
});
