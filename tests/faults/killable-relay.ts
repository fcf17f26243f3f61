// A whole relay in a process of its own, as `npm start` runs it, to be killed. Its code is loaded at once and it starts when
// it is told its port, so that the next one is ready while this one serves.
import { flushCompileCache } from 'node:module';
import '@sotto/relay/testing';

// Who is killed writes nothing at its end; the next ones load in half the time.
flushCompileCache();
process.once('message', async (port: string) => {
  // A relay that cannot start ends by itself: the channel must not keep it.
  process.channel?.unref();
  process.env.PORT = port;
  await import('@sotto/relay/main');
});
process.on('disconnect', () => process.exit());
