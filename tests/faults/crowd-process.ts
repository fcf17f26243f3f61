// Connections by the thousand, in a process of its own that can be ended with all of them at once. By hand, for a client of
// Socket.IO takes more of the machine than the relay does. Each comes again until it is connected, or refused with a code.
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { PROTOCOL_VERSION } from '@sotto/protocol';
import type { Arrived, Arriving } from './crowd.ts';
import { frameOf, packet, upgradeRequest } from './frames.ts';

/** Under way at once, when they come as fast as they can. */
const AT_ONCE = 128;
const MOST_TRIES = 50;
/** What Engine.IO asks of idle connections, and what they answer (a frame of text, in a masked one with zeros). */
const PING = Buffer.from([0x81, 0x01, 0x32]);
const PONG = Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x33]);

const here = new Set<Socket>();

process.on('message', async (arriving: Arriving | 'count') => {
  process.send?.(arriving === 'count' ? here.size : await arrive(arriving));
});
process.on('disconnect', () => process.exit());

async function arrive({ port, tokens, perSecond, stay }: Arriving): Promise<Arrived> {
  const arrived = { connected: 0, refused: {} as Record<string, number>, again: 0, gaveUp: 0 };
  const one = async (token: string): Promise<void> => {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const outcome = await shakeHands(port, token, stay);
      if (outcome === 'connected') arrived.connected += 1;
      else if (outcome !== undefined) arrived.refused[outcome] = (arrived.refused[outcome] ?? 0) + 1;
      if (outcome !== undefined) return;
      arrived.again += 1;
      await pause(100 + Math.random() * 400);
    }
    arrived.gaveUp += 1;
  };
  const start = performance.now();
  if (perSecond === undefined) {
    const waiting = tokens.values();
    const line = async () => {
      for (const token of waiting) await one(token);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, line));
  } else {
    const all = tokens.map(async (token, n) => {
      await pause((n * 1000) / perSecond);
      await one(token);
    });
    await Promise.all(all);
  }
  return { ...arrived, seconds: (performance.now() - start) / 1000 };
}

/** `connected`, the code of a refusal, or undefined when the connection goes before either. */
function shakeHands(port: number, token: string, stay: boolean): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const tcp = connect(port, '127.0.0.1');
  tcp.setNoDelay(true);
  tcp.on('error', () => tcp.destroy());
  tcp.once('close', () => {
    here.delete(tcp);
    resolve(undefined);
  });
  tcp.write(upgradeRequest());
  let said = Buffer.alloc(0);
  let asked = false;
  const listen = (bytes: Buffer): void => {
    said = Buffer.concat([said, bytes]);
    if (!asked) {
      // Engine.IO's own greeting comes right behind the answer to the upgrade.
      if (!said.includes('"sid"')) return;
      asked = true;
      said = Buffer.alloc(0);
      tcp.write(frameOf(packet({ type: 0, data: { token, protocol: PROTOCOL_VERSION }, nsp: '/' })));
      return;
    }
    const outcome = readOutcome(said);
    if (outcome === undefined) return;
    tcp.off('data', listen);
    tcp.on('data', (later: Buffer) => later.includes(PING) && tcp.write(PONG));
    if (outcome === 'connected' && stay) here.add(tcp);
    else tcp.destroy();
    resolve(outcome);
  };
  tcp.on('data', listen);
  return promise;
}

/** From the first packet that Socket.IO sends: its id, or an error whose data hold a short text as the code. */
function readOutcome(said: Buffer): string | undefined {
  const text = said.toString('latin1');
  const [, code] = /\xa4code[\xa0-\xbf]([a-z_]+)/.exec(text) ?? [];
  if (code !== undefined) return code;
  return text.includes('\xa3sid') ? 'connected' : undefined;
}
