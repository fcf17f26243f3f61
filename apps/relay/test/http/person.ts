import { client, ready } from '@serenity-kit/opaque';
import {
  type AccountId,
  type DeviceId,
  decodeBase64Url,
  decodeCbor,
  encodeBase64Url,
  encodeCbor,
  OPAQUE_KEY_STRETCHING,
  opaqueServerIdentifier,
  type Refusal,
  ROUTES,
  type RouteName,
  type RouteResponse,
} from '@sotto/protocol';
import { type ChainState, createChain, generateKeyPair, type KeyPair } from '@sotto/transparency';
import type { TestRelay } from './test-relay.ts';

/** What a person needs of a relay: in process or over the network. */
export type Reachable = Pick<TestRelay, 'origin' | 'call'>;

export type Reply<N extends RouteName> = { status: number; value: RouteResponse<N> | Refusal };

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

export interface PersonOptions {
  readonly address?: string;
  /** Stretches the password as clients do. Tests that are not about it stretch less: the relay cannot tell. */
  readonly stretches?: boolean;
}

const CHEAP = { 'argon2id-custom': { iterations: 1, memory: 8, parallelism: 1 } };

/** Somebody with a browser: the real OPAQUE client, a cookie jar, an access token, a device with its keys. */
export function createPerson(relay: Reachable, username: string, options: PersonOptions = {}) {
  const { address = '203.0.113.7' } = options;
  const keyStretching = options.stretches ? OPAQUE_KEY_STRETCHING : CHEAP;
  const account = random(16) as AccountId;
  const device = random(16) as DeviceId;
  const identity = generateKeyPair(random(32));
  const deviceKeys = generateKeyPair(random(32));
  const person = {
    username,
    account,
    device,
    identity,
    deviceKeys,
    cookie: undefined as string | undefined,
    accessToken: undefined as string | undefined,
    chain: undefined as ChainState | undefined,
    exportKey: undefined as string | undefined,
    opaqueLogin,
    call,
    async register(password: string, changes: Record<string, unknown> = {}) {
      const started = await startRegistration(password);
      if ('code' in started) return started;
      const { statement, state } = createFirst(account, identity, { id: device, ...deviceKeys });
      person.chain = state;
      const vault = new TextEncoder().encode(`vault of ${username}`);
      const reply = await call('registerFinish', {
        body: {
          ticket: started.ticket,
          record: started.record,
          account,
          device,
          statement,
          vault,
          ...changes,
        },
      });
      if ('accessToken' in reply.value) person.accessToken = reply.value.accessToken;
      return reply.value;
    },
    async logIn(password: string, as: DeviceId = device) {
      const started = await opaqueLogin(password);
      if ('code' in started) return started;
      const { value } = await call('loginFinish', {
        body: { ticket: started.ticket, finish: started.finish, device: as },
      });
      if ('session' in value) person.accessToken = value.session.accessToken;
      return value;
    },
    async refresh() {
      const { value } = await call('refresh', { body: {} });
      if ('accessToken' in value) person.accessToken = value.accessToken;
      return value;
    },
    /** The statements of anybody's chain. Throws when refused. */
    async readChain(of: AccountId = account): Promise<Uint8Array[]> {
      const { value } = await call('chain', { params: Buffer.from(of).toString('hex') });
      if (!('statements' in value)) throw new Error(value.code);
      return value.statements;
    },
    logOut: async () => (await call('logout', { body: {} })).value,
  };

  async function startRegistration(password: string) {
    await ready;
    const { clientRegistrationState, registrationRequest } = client.startRegistration({ password });
    const { value } = await call('register', { body: { username, request: toBytes(registrationRequest) } });
    if (!('ticket' in value)) return value;
    const { registrationRecord, exportKey } = client.finishRegistration({
      password,
      clientRegistrationState,
      registrationResponse: encodeBase64Url(value.response),
      identifiers: identifiers(),
      keyStretching,
    });
    person.exportKey = exportKey;
    return { ticket: value.ticket, record: toBytes(registrationRecord) };
  }

  /** Both halves of a login up to the last message. A wrong password gives one that cannot be right. */
  async function opaqueLogin(password: string) {
    await ready;
    const { clientLoginState, startLoginRequest } = client.startLogin({ password });
    const { value } = await call('login', { body: { username, request: toBytes(startLoginRequest) } });
    if (!('ticket' in value)) return value;
    const finished = client.finishLogin({
      password,
      clientLoginState,
      loginResponse: encodeBase64Url(value.response),
      identifiers: identifiers(),
      keyStretching,
    });
    if (finished !== undefined) person.exportKey = finished.exportKey;
    const finish = finished === undefined ? random(64) : toBytes(finished.finishLoginRequest);
    return { ticket: value.ticket, finish, response: value.response, knewPassword: finished !== undefined };
  }

  function identifiers() {
    return { client: username, server: opaqueServerIdentifier(relay.origin) };
  }

  async function call<N extends RouteName>(
    name: N,
    { params, query, body, accept }: { params?: string; query?: string; body?: object; accept?: string } = {},
  ): Promise<Reply<N>> {
    const { method, path } = ROUTES[name];
    const response = await relay.call(method, path.replace(':account', params ?? '') + (query ?? ''), {
      headers: {
        ...(body !== undefined && { 'content-type': 'application/cbor' }),
        ...(person.cookie !== undefined && { cookie: person.cookie }),
        ...(person.accessToken !== undefined && { authorization: `Bearer ${person.accessToken}` }),
        ...(accept !== undefined && { accept }),
      },
      body: body === undefined ? undefined : encodeCbor(body),
      address,
    });
    const cookie = response.headers['set-cookie'];
    if (typeof cookie === 'string') person.cookie = cookie.split(';')[0];
    const decoded = decodeCbor(response.body, 8 * 1024 * 1024) as RouteResponse<N> | Refusal;
    if (response.status === 200) ROUTES[name].response.parse(decoded);
    return { status: response.status, value: decoded };
  }

  return person;
}

export type Person = ReturnType<typeof createPerson>;

function createFirst(account: AccountId, identity: KeyPair, device: KeyPair & { id: DeviceId }) {
  return createChain({ account, identity, device });
}

function toBytes(text: string): Uint8Array {
  const bytes = decodeBase64Url(text);
  if (bytes === undefined) throw new Error('not base64url');
  return bytes;
}
