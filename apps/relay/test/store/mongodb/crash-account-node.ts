// A node that is killed between two parts of a step of Alice's account. Arguments: server, database, the step, the part.
import process from 'node:process';
import { createMongoAccountStores } from '../../../src/store/mongodb/account-stores.ts';
import { openMongo } from '../../../src/store/mongodb/database.ts';
import { ACCOUNT_STEPS } from './account-story.ts';

const [uri, database, step, fatal] = process.argv.slice(2);
const take = ACCOUNT_STEPS[step as keyof typeof ACCOUNT_STEPS];
if (uri === undefined || database === undefined || take === undefined) throw new Error('which step?');

const onStep = async (part: string) => {
  if (part !== fatal) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal needs a moment; nothing more is done meanwhile.
  await new Promise(() => {});
};
const db = await openMongo({ uri, database, ttl: false });
await take(createMongoAccountStores(db, { onStep }));
process.send?.('not killed');
