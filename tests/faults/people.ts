import { setTimeout as pause } from 'node:timers/promises';
import { type AckOf, PROTOCOL_VERSION, type RequestName } from '@sotto/protocol';
import { io, type Socket } from 'socket.io-client';
import * as messagePack from 'socket.io-msgpack-parser';
import { dial } from '../../apps/relay/test/http/dial.ts';
import { createPerson, type Person, type Reachable } from '../../apps/relay/test/http/person.ts';
import type { Town } from './town.ts';

/** Somebody with an account, whose devices connect again and again. */
export interface Somebody {
  readonly account: Uint8Array;
  readonly device: Uint8Array;
  /** An access token that is not about to expire. Undefined when the town was left meanwhile. */
  token(): Promise<string | undefined>;
  /** Gets another one, because a relay does not take this. Undefined for who has no reason to expect that. */
  readonly renew?: () => Promise<void>;
}

/** One live connection after the other: when one goes, the next is made to whichever relay serves. */
export interface Client {
  /** Undefined when the connection goes down before the answer, or there will be none any more. */
  ask<N extends RequestName>(name: N, request: object): Promise<AckOf<N> | undefined>;
  /** Made so far. */
  readonly connections: () => number;
  close(): void;
}

export interface Listener {
  /** A new connection; what was followed on the one before is not. */
  onConnect?(): void;
  /** It went, and all that came over it was heard. */
  onLoss?(): void;
  onNotice?(name: string, notice: never): void;
}

/** Connections that one session may hold: LOG18. */
export const CONNECTIONS_EACH = 4;
/** Between two tries to reach a relay that was said to serve. */
const RETRY_MS = 20;
/** Tokens are good for ten minutes. */
const RENEW_MS = 4 * 60_000;

/** Makes an account, at whichever relay serves. `renews`: clocks jump, so that good tokens are refused. */
export async function signUp(town: Town, name: string, renews = false): Promise<Somebody> {
  const person = createPerson(reach(town), name);
  const answer = await person.register('a password');
  if ('code' in answer) throw new Error(`${name} got no account: ${answer.code}`);
  let renewedAt = Date.now();
  let renewing: Promise<void> | undefined;
  const renew = async (): Promise<void> => {
    const problem = await refresh(person, town);
    renewing = undefined;
    if (problem !== undefined) throw new Error(`${name} was not renewed: ${problem}`);
    renewedAt = Date.now();
  };
  const renewOnce = () => {
    renewing ??= renew();
    return renewing;
  };
  return {
    account: person.account,
    device: person.device,
    async token() {
      if (Date.now() - renewedAt > RENEW_MS) await renewOnce();
      return town.isLeft() ? undefined : person.accessToken;
    },
    ...(renews && { renew: renewOnce }),
  };
}

/** A pair serves again until the next one was seen in use: whoever is killed meanwhile, it is asked for again. */
async function refresh(person: Person, town: Town): Promise<string | undefined> {
  while (!town.isLeft()) {
    const answer = await person.refresh().catch(() => undefined);
    if (answer !== undefined && 'accessToken' in answer) return undefined;
    if (answer !== undefined && answer.code !== 'unavailable') return answer.code;
    await pause(RETRY_MS);
  }
  return undefined;
}

function reach(town: Town): Reachable {
  return {
    origin: town.origin,
    async call(method, path, inject = {}) {
      const origin = await town.pick();
      if (origin === undefined) throw new Error('the town was left');
      const headers = { ...inject.headers, origin: town.origin };
      return dial({ origin }).call(method, path, { ...inject, headers });
    },
  };
}

/** Starts connecting at once. */
export function createClient(town: Town, who: Somebody, listener: Listener = {}): Client {
  let connecting: Promise<Socket | undefined> | undefined;
  let made = 0;
  let closed = false;
  const connect = async (): Promise<Socket | undefined> => {
    while (!closed) {
      const origin = await town.pick();
      const token = await who.token();
      if (origin === undefined || token === undefined || closed) return undefined;
      const socket = await open(origin, token);
      if (typeof socket === 'object') return attach(socket);
      if (socket === 'unauthorized') await renew(who);
      await pause(RETRY_MS);
    }
    return undefined;
  };
  const attach = (socket: Socket): Socket => {
    made += 1;
    socket.once('disconnect', () => {
      socket.disconnect();
      listener.onLoss?.();
      connecting = connect();
    });
    socket.onAny((name: string, notice: unknown) => listener.onNotice?.(name, notice as never));
    // In a turn of its own: `ask` finds this connection by then.
    setImmediate(() => socket.connected && listener.onConnect?.());
    return socket;
  };
  connecting = connect();
  return {
    async ask(name, request) {
      const socket = await connecting;
      return socket?.connected ? emit(socket, name, request) : undefined;
    },
    connections: () => made,
    close() {
      closed = true;
      const shut = (socket: Socket | undefined) => socket?.removeAllListeners().disconnect();
      connecting?.then(shut, () => {});
    },
  };
}

/** A relay that does not know who this is has lost a secret, unless clocks jump. */
async function renew({ renew }: Somebody): Promise<void> {
  if (renew === undefined) throw new Error('a good token was refused');
  await renew();
}

/** Undefined when there is no relay, or it goes before the handshake is done. */
async function open(origin: string, token: string): Promise<Socket | 'unauthorized' | undefined> {
  const socket = io(origin, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    parser: messagePack,
    auth: { token, protocol: PROTOCOL_VERSION },
  });
  const { promise, resolve, reject } = Promise.withResolvers<Socket | 'unauthorized' | undefined>();
  socket.once('connect', () => resolve(socket));
  socket.once('disconnect', () => resolve(undefined));
  socket.once('connect_error', (error: Error & { data?: { code?: string } }) => {
    const code = error.data?.code;
    if (code === 'session_ended') reject(error);
    else resolve(code === 'unauthorized' ? code : undefined);
  });
  const connected = await promise.finally(() => socket.removeAllListeners());
  if (typeof connected !== 'object') socket.disconnect();
  return connected;
}

/** Every client of the run listens for the same end of many requests: one listener, not one for each. */
const unanswered = new WeakMap<Socket, Set<() => void>>();

function emit<N extends RequestName>(
  socket: Socket,
  name: N,
  request: object,
): Promise<AckOf<N> | undefined> {
  const waiting = unanswered.get(socket) ?? listen(socket);
  const { promise, resolve } = Promise.withResolvers<AckOf<N> | undefined>();
  const down = () => resolve(undefined);
  waiting.add(down);
  socket.emit(name, request, (answer: AckOf<N>) => {
    waiting.delete(down);
    resolve(answer);
  });
  return promise;
}

function listen(socket: Socket): Set<() => void> {
  const waiting = new Set<() => void>();
  unanswered.set(socket, waiting);
  socket.once('disconnect', () => {
    for (const down of waiting) down();
  });
  return waiting;
}
