import { chmod, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Operator, readRequest } from './messages.ts';
import { readLine } from './read-line.ts';

const LONGEST_REQUEST = 16 * 1024;
/** A client that has not asked by then is cut. */
const REQUEST_MS = 10_000;

/**
 * Listens for the operator's command line. Whoever may open the socket may do all of it: so it belongs to the relay's own
 * user alone. A socket that an earlier process left is replaced. Undefined when another relay answers there.
 */
export async function openOperatorSocket(
  path: string,
  operator: Operator,
): Promise<{ close(): Promise<void> } | undefined> {
  const connections = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    void serve(socket, operator);
  });
  if (!(await listen(server, path))) {
    if (await isAnswered(path)) return undefined;
    await unlink(path);
    if (!(await listen(server, path))) return undefined;
  }
  await chmod(path, 0o600);
  return {
    async close() {
      for (const socket of connections) socket.destroy();
      // Takes the file along.
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** False when something has that name already. */
function listen(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error);
    server.once('error', fail);
    server.listen(path, () => {
      server.off('error', fail);
      resolve(true);
    });
  });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
}

async function serve(socket: Socket, operator: Operator): Promise<void> {
  socket.on('error', () => socket.destroy());
  const line = await readLine(socket, LONGEST_REQUEST, REQUEST_MS);
  const request = line === undefined ? undefined : readRequest(line);
  if (request === undefined) return void socket.destroy();
  socket.end(`${JSON.stringify(await operator(request))}\n`);
}
