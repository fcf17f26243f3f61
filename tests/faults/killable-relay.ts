// A relay in a process of its own, to be killed: the real store, rules and sockets. Argument: the SQLite file. It opens the
// file when it is told to, so that the next one can load its code while this one serves; then it says where it listens.
import { flushCompileCache } from 'node:module';
import { startLiveRelay } from '@sotto/relay/testing';

// Who is killed writes nothing at its end; the next ones start in half the time.
flushCompileCache();
const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('which file?');
process.once('message', async () => {
  const relay = await startLiveRelay({ path, rate: { perSecond: 1e6, burst: 1e6 } });
  process.send?.(relay.origin);
});
process.on('disconnect', () => process.exit());
