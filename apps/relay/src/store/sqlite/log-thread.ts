import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from './database.ts';
import { packOutcomes, unpackBatch } from './log-frames.ts';
import { createLogWriter, type LogWriter } from './log-writer.ts';
import type { LogThreadOptions, ToLogThread } from './logs.ts';

/** The thread that writes logs, so that waiting for the disk never holds up a socket. A composition root. */
const port = parentPort;
if (port === null) throw new Error('log-thread runs as a worker thread');

const options = workerData as LogThreadOptions;
const db = openDatabase({ ...options, migrations: [] });
const writer: LogWriter = createLogWriter(db, options);

port.on('message', (message: ToLogThread) => {
  if (message === 'close') {
    writer.close();
    port.close();
    return;
  }
  const operations = unpackBatch(message);
  const frame = packOutcomes(operations, writer.apply(operations));
  port.postMessage(frame, [frame.numbers.buffer]);
  writer.settle();
});
