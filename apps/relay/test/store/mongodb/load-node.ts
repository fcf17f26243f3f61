// A node under load, to be killed at any moment. Arguments: server, database, the first of its ids. It keeps several appends
// under way, every tenth a commit with a Welcome, and tells its parent of each that was acknowledged.
import { randomBytes } from 'node:crypto';
import process from 'node:process';
import type { LogHead } from '@sotto/protocol';
import { openMongo } from '../../../src/store/mongodb/database.ts';
import { createMongoLogs } from '../../../src/store/mongodb/logs.ts';
import { BOB, commit, message, welcomeFor } from '../log-store-contract.ts';

export interface Acknowledged {
  readonly n: number;
  readonly seq: number;
  readonly isCommit: boolean;
}

const WINDOW = 8;
const [uri, database, first] = process.argv.slice(2);
if (uri === undefined || database === undefined) throw new Error('which database?');
const db = await openMongo({ uri, database, ttl: false });
const { logs } = createMongoLogs(db, { random: randomBytes });
let next = Number(first);
let head: LogHead = { epoch: 0, seq: 0 };

process.on('disconnect', () => process.exit());

async function write(): Promise<never> {
  for (;;) {
    const n = next++;
    while (!(await place(n, n % 10 === 0))) {}
  }
}

/** False to try again: under the epoch that the log is in by now, or because another node was quicker all the time. */
async function place(n: number, isCommit: boolean): Promise<boolean> {
  const { epoch } = head;
  const deliveries = [welcomeFor(BOB, n % 251)];
  const outcome = isCommit
    ? await logs.appendCommit(commit(n, epoch, { deliveries }))
    : await logs.appendMessage(message(n, { epoch }));
  if (outcome.ok) process.send?.({ n, seq: outcome.seq, isCommit } satisfies Acknowledged);
  else if (outcome.code === 'epoch_moved' && outcome.head.epoch > head.epoch) head = outcome.head;
  return outcome.ok;
}

await Promise.all(Array.from({ length: WINDOW }, write));
