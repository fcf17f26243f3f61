import { stderr, stdout } from 'node:process';
import { pino } from 'pino';
import { ConfigError, readConfig } from './config.ts';
import { describeError } from './log.ts';
import { openLog } from './open-log.ts';
import { type RunningRelay, startRelay } from './start.ts';

/** A stop that takes longer than this is no longer graceful. Nothing acknowledged is at risk: it is on disk. */
const STOP_MS = 10_000;

// What the relay writes is its owner's alone.
process.umask(0o077);
try {
  const config = readConfig();
  const log = openLog(config.log, pino.destination({ dest: 2, sync: false }));
  const relay = await startRelay(config, { log });
  // Before it says that it is there: whoever waits for that may stop it in the same moment.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'stopping');
      void stop(relay);
    });
  }
  stdout.write(`Sotto is at ${relay.origin}\n`);
} catch (error) {
  stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}

async function stop(relay: RunningRelay): Promise<void> {
  setTimeout(() => process.exit(1), STOP_MS).unref();
  try {
    await relay.close();
    process.exit(0);
  } catch (error) {
    stderr.write(`the relay did not stop cleanly: ${JSON.stringify(describeError(error))}\n`);
    process.exit(1);
  }
}

/** One line that says what to do. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return 'PORT: another program listens there; choose another port';
  if (code === 'ENOSPC') return 'SOTTO_DATA_DIR: its disk is full; make room and start again';
  if (code === 'EACCES') return 'PORT or SOTTO_DATA_DIR: this user may not use it';
  return `the relay could not start: ${error instanceof Error ? error.message : String(error)}`;
}
