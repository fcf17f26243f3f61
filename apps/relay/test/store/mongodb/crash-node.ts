// A node that is killed between two steps of a write. Arguments: server, database, the step, how often it passes before.
import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { openMongo } from '../../../src/store/mongodb/database.ts';
import { createMongoLogs } from '../../../src/store/mongodb/logs.ts';
import { addBobAndCarol } from './stories.ts';

const [uri, database, fatal, times = '1'] = process.argv.slice(2);
if (uri === undefined || database === undefined) throw new Error('which database?');

let left = Number(times);
const onStep = async (step: string) => {
  if (step !== fatal) return;
  left -= 1;
  if (left > 0) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal needs a moment; nothing more is done meanwhile.
  await new Promise(() => {});
};
const db = await openMongo({ uri, database, ttl: false });
await createMongoLogs(db, { random: randomBytes, onStep }).logs.appendCommit(addBobAndCarol());
process.send?.('not killed');
