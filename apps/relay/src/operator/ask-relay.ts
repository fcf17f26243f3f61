import { connect, type Socket } from 'node:net';
import { type Operator, readAnswer } from './messages.ts';
import { readLine } from './read-line.ts';

const LONGEST_ANSWER = 4 * 1024 * 1024;
const ANSWER_MS = 60_000;
/** For copying all there is. */
const BACKUP_MS = 6 * 3_600_000;

/** The operator of the relay that runs on a data folder; undefined when none answers there. */
export async function reachRelay(path: string): Promise<Operator | undefined> {
  const first = await open(path);
  if (first === undefined) return undefined;
  first.destroy();
  return async (request) => {
    const socket = await open(path);
    if (socket === undefined) return { problem: 'unavailable' };
    socket.write(`${JSON.stringify(request)}\n`);
    const line = await readLine(
      socket,
      LONGEST_ANSWER,
      request.command === 'back_up' ? BACKUP_MS : ANSWER_MS,
    );
    socket.destroy();
    return line === undefined ? { problem: 'unavailable' } : readAnswer(request.command, line);
  };
}

/** Rejects when the socket is there and this user may not use it. */
function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(error);
    });
  });
}
