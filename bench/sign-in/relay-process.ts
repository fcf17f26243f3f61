// The whole relay under test in a process of its own, with SQLite in the folder given. Says over IPC where it listens, and
// how much processor time it took when asked.
import { startRelay } from '@sotto/relay/testing';

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('which folder?');
const relay = await startRelay({ dataDir });

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1000 });
});
process.on('disconnect', () => process.exit());
process.send?.({ origin: relay.origin });
