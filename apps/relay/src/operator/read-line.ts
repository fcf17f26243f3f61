import type { Socket } from 'node:net';

/** The first line of what comes; undefined when it is longer than that, does not come in time, or ends without one. */
export function readLine(socket: Socket, longest: number, ms: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (line: string | undefined): void => {
      clearTimeout(timer);
      socket.off('data', take);
      resolve(line);
    };
    const take = (chunk: Buffer): void => {
      const end = chunk.indexOf(0x0a);
      chunks.push(end === -1 ? chunk : chunk.subarray(0, end));
      length += chunk.length;
      if (length > longest) finish(undefined);
      else if (end !== -1) finish(Buffer.concat(chunks).toString('utf8'));
    };
    const timer = setTimeout(() => finish(undefined), ms);
    socket.on('data', take);
    socket.once('end', () => finish(undefined));
    socket.once('close', () => finish(undefined));
    socket.once('error', () => finish(undefined));
  });
}
