import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createNodeChat } from '@sotto/core';
import { startRelay } from '@sotto/relay/testing';
import { expect, it } from 'vitest';

const BOT = join(import.meta.dirname, '../../examples/echo-bot.ts');
const PASSWORD = 'correct horse battery';

it('[SYNC23] the example bot, a process of its own, registers and answers over real sockets', async () => {
  const relay = await startRelay();
  const bot = spawn(process.execPath, [BOT, relay.origin, 'echo-bot', PASSWORD], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const alice = await createNodeChat({ origin: relay.origin });
  try {
    await once(bot.stdout, 'data');
    await alice.register({ username: 'alice', password: PASSWORD });
    const [found] = await alice.findPeople({ name: 'echo-bot' });
    const conversation = await alice.openDirect({ account: found!.account, username: found!.username });
    const answered = Promise.withResolvers<void>();
    const stop = alice.subscribe(() => {
      const last = alice.snapshot().conversations[0]?.last;
      if (last?.text === 'is anybody there?' && !last.mine) answered.resolve();
    });
    await alice.sendMessage({ conversation, id: 'e0'.repeat(16), text: 'is anybody there?' });
    await answered.promise;
    stop();
    expect(alice.snapshot().alarms).toEqual([]);
    await alice.signOut({});
    expect(alice.snapshot().session).toEqual({ state: 'signed_out' });
  } finally {
    bot.kill('SIGINT');
    await once(bot, 'exit');
    await alice.close();
    await relay.close();
  }
}, 60_000);
