import { randomUUID } from 'node:crypto';
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { type ErrorCode, handshake, LIMITS, PROTOCOL_VERSION } from '@sotto/protocol';
import { Server, type Socket } from 'socket.io';
import type { Log } from '../log.ts';
import { StoreError } from '../store/store-error.ts';
import type { Connections } from './connections.ts';
import { drainConnections, type Served } from './drain.ts';
import type { Authenticate, LiveSession, Peer } from './session.ts';
import { createStraightWrites, type EngineConnection } from './straight-writes.ts';
import { createWireParser } from './wire-parser.ts';

export interface SocketServerDeps {
  readonly server: HttpServer;
  readonly connections: Connections;
  readonly authenticate: Authenticate;
  /** Where people reach this relay: pages of other origins may not connect. */
  readonly origin: () => string;
  readonly log?: Log;
}

export interface SocketServer {
  /**
   * Ends all connections, spread over a while, each when what it asked is answered. Leaves the HTTP server alone, which must
   * not let new ones in by then.
   */
  close(): Promise<void>;
}

/** Milliseconds for a handshake; whoever has not shown a token by then is cut. */
const HANDSHAKE_MS = 5_000;
/** Bytes that may wait for a slow reader. Then it is cut, and reads on from its cursor when it comes back. */
const SEND_BUFFER = 8 * 1024 * 1024;
/** Milliseconds that who was cut has to close its end. What it sends meanwhile is still taken apart, and dropped. */
const FAREWELL_MS = 500;

/** Live connections over Socket.IO: WebSocket only, MessagePack packets, and no memory of who was connected before. */
export function createSocketServer(deps: SocketServerDeps): SocketServer {
  const io = new Server(deps.server, {
    transports: ['websocket'],
    allowUpgrades: false,
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: LIMITS.socketFrame,
    connectTimeout: HANDSHAKE_MS,
    parser: createWireParser(),
    allowRequest: (request, decide) => decide(null, isOwnOrigin(request, deps.origin())),
  });
  shortenFarewells(io, deps.server);
  const writeStraight = createStraightWrites();
  io.engine.on('connection', (connection: EngineConnection) => {
    writeStraight(connection);
    // Socket.IO would keep headers and all of each connection, several kilobytes, for as long as it lasts; a listener of
    // Engine.IO's own still holds the request, so it is emptied too.
    if (connection.request !== undefined) emptyRequest(connection.request);
    connection.request = undefined;
  });
  io.use((socket, next) => {
    const shown: unknown = socket.handshake.auth;
    // What a client showed is needed once more, and then not kept.
    Reflect.set(socket, 'handshake', undefined);
    admit(shown, deps.authenticate).then(
      (admission) => {
        if (!admission.ok) return next(refusalError(admission.code));
        socket.data = { session: admission.session, shown };
        next();
      },
      (error: unknown) => next(refusalError(error instanceof StoreError ? error.code : 'internal')),
    );
  });
  const served = new Set<Served>();
  io.on('connection', (socket) => {
    const { session, shown } = socket.data as { session: LiveSession; shown: unknown };
    socket.data = undefined;
    const one = serve(socket, session, deps);
    served.add(one);
    socket.on('disconnect', () => served.delete(one));
    // A session that ended while its connection was being made was told to nobody: look once more.
    admit(shown, deps.authenticate).then(
      (admission) => admission.ok || socket.disconnect(true),
      () => socket.disconnect(true),
    );
  });
  return {
    async close() {
      await drainConnections([...served]);
      // Those whose handshake was under way.
      io.disconnectSockets(true);
      io.engine.close();
    },
  };
}

/** Engine.IO makes the server of its WebSockets, again when it begins to listen, and does not pass this on. */
function shortenFarewells(io: Server, server: HttpServer): void {
  const { engine } = io as unknown as { engine: { ws: { options: { closeTimeout: number } } } };
  const shorten = () => {
    engine.ws.options.closeTimeout = FAREWELL_MS;
  };
  shorten();
  server.on('listening', shorten);
}

function emptyRequest(request: IncomingMessage): void {
  request.rawHeaders = [];
  request.headers = {};
  Reflect.deleteProperty(request, '_query');
}

/** Programs send no origin; a page cannot choose not to. */
function isOwnOrigin(request: IncomingMessage, origin: string): boolean {
  return request.headers.origin === undefined || request.headers.origin === origin;
}

type Admission =
  | { readonly ok: true; readonly session: LiveSession }
  | { readonly ok: false; readonly code: ErrorCode };

/** `shown` is what the client sent with its first packet. */
async function admit(shown: unknown, authenticate: Authenticate): Promise<Admission> {
  const parsed = handshake.safeParse(shown);
  if (!parsed.success) return { ok: false, code: 'bad_request' };
  if (parsed.data.protocol !== PROTOCOL_VERSION) return { ok: false, code: 'version_unsupported' };
  const session = await authenticate(parsed.data.token);
  return 'account' in session ? { ok: true, session } : { ok: false, code: session.code };
}

/** As Socket.IO sends it: clients find the code in `data`. */
function refusalError(code: ErrorCode): Error {
  return Object.assign(new Error(code), { data: { code } });
}

function serve(socket: Socket, session: LiveSession, { connections, log }: SocketServerDeps): Served {
  const id = randomUUID();
  const start = performance.now();
  let isCut = false;
  const { socket: end } = socket.conn.transport as unknown as EngineConnection['transport'];
  const peer: Peer = {
    id,
    notify(name, notice) {
      socket.emit(name, notice);
      // No farewell: it would wait behind all that is not read.
      if (isCut || end.bufferedAmount <= SEND_BUFFER) return;
      isCut = true;
      log?.warn({ connection: id }, 'too slow a reader');
      end.terminate();
    },
    end: () => void socket.disconnect(true),
  };
  const connection = connections.connect(session, peer);
  socket.on('disconnect', () => {
    connection.close();
    const seconds = Math.round((performance.now() - start) / 1000);
    log?.info({ connection: id, seconds }, 'connection ended');
  });
  socket.onAny((name: string, request: unknown, acknowledge: unknown) => {
    const answered = connection.handle(name, request);
    if (typeof acknowledge === 'function') answered.then((answer) => acknowledge(answer));
  });
  return { connection, cut: () => void socket.disconnect(true) };
}
