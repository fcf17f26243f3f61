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
  type RouteBody,
  type RouteName,
  type RouteResponse,
} from '@sotto/protocol';
import { type ChainState, createChain, generateKeyPair } from '@sotto/transparency';
import { solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
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

/** What goes into the first leg of a registration, beside the password. */
export type Registering = Partial<Pick<RouteBody<'register'>, 'work' | 'invite' | 'email'>>;

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
    makeRecord,
    provePassword,
    solveWork,
    call,
    async register(password: string, changes: Record<string, unknown> = {}, registering: Registering = {}) {
      const started = await startRegistration(password, registering);
      if ('code' in started) return started;
      const { statement, state } = createChain({ account, identity, device: { id: device, ...deviceKeys } });
      person.chain = state;
      const vault = new TextEncoder().encode(`vault of ${username}`);
      const parts = { ticket: started.ticket, record: started.record, account, device, statement, vault };
      const { value } = await call('registerFinish', { body: { ...parts, ...changes } });
      if ('accessToken' in value) person.accessToken = value.accessToken;
      return value;
    },
    async logIn(password: string, as: DeviceId = device, shared?: boolean) {
      const started = await opaqueLogin(password);
      if ('code' in started) return started;
      const { ticket, finish } = started;
      const { value } = await call('loginFinish', { body: { ticket, finish, device: as, shared } });
      if ('session' in value) person.accessToken = value.session.accessToken;
      return value;
    },
    /** The second factor of a sign-in. */
    async verify(ticket: Uint8Array, proof: RouteBody<'loginVerify'>['proof']) {
      const { value } = await call('loginVerify', { body: { ticket, proof } });
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

  /** JSON of a challenge with its solution. */
  async function solveWork(): Promise<string> {
    const { value } = await call('challenge');
    if (!('challenge' in value)) throw new Error(value.code);
    const challenge = JSON.parse(value.challenge);
    return JSON.stringify({ challenge, solution: await solveChallenge({ challenge, deriveKey }) });
  }

  async function startRegistration(password: string, registering: Registering) {
    const work = registering.work ?? (await solveWork());
    return makeRecord(password, async (request) => {
      const body = { username, request, ...registering, work };
      return (await call('register', { body })).value;
    });
  }

  /** OPAQUE registration: `start` sends the first message and gives what the relay answers. */
  async function makeRecord<T extends { response: Uint8Array }>(
    password: string,
    start: (request: Uint8Array) => Promise<T | Refusal>,
  ): Promise<Refusal | (T & { record: Uint8Array })> {
    await ready;
    const { clientRegistrationState, registrationRequest } = client.startRegistration({ password });
    const started = await start(toBytes(registrationRequest));
    if ('code' in started) return started;
    const { registrationRecord, exportKey } = client.finishRegistration({
      password,
      clientRegistrationState,
      registrationResponse: encodeBase64Url(started.response),
      identifiers: identifiers(),
      keyStretching,
    });
    person.exportKey = exportKey;
    return { ...started, record: toBytes(registrationRecord) };
  }

  /** OPAQUE login up to the last message. A wrong password gives one that cannot be right. */
  async function provePassword<T extends { response: Uint8Array }>(
    password: string,
    start: (request: Uint8Array) => Promise<T | Refusal>,
  ): Promise<Refusal | (T & { finish: Uint8Array; knewPassword: boolean })> {
    await ready;
    const { clientLoginState, startLoginRequest } = client.startLogin({ password });
    const started = await start(toBytes(startLoginRequest));
    if ('code' in started) return started;
    const finished = client.finishLogin({
      password,
      clientLoginState,
      loginResponse: encodeBase64Url(started.response),
      identifiers: identifiers(),
      keyStretching,
    });
    if (finished !== undefined) person.exportKey = finished.exportKey;
    const finish = finished === undefined ? random(64) : toBytes(finished.finishLoginRequest);
    return { ...started, finish, knewPassword: finished !== undefined };
  }

  function opaqueLogin(password: string) {
    return provePassword(password, async (request) => {
      return (await call('login', { body: { username, request } })).value;
    });
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

function toBytes(text: string): Uint8Array {
  const bytes = decodeBase64Url(text);
  if (bytes === undefined) throw new Error('not base64url');
  return bytes;
}
