import { randomUUID } from 'node:crypto';
import { decodeHex, encodeHex } from '@sotto/protocol';
import type { Endings, Revocations } from '../../auth/revocations.ts';
import type { SessionId } from '../session-store.ts';
import type { RedisConnection } from './connection.ts';
import { createHearing } from './hearing.ts';

const ENDINGS = 'sotto:endings';
/** How often a node hears whether it still hears. */
const ECHO_MS = 200;
/** Session ids in one message: 33 kB. */
const IDS_PER_MESSAGE = 1000;

/**
 * Endings over Redis pub/sub, which keeps order within a connection and nothing across a new one. So each node sends itself an
 * echo on the connection on which it hears: what was published before that echo was heard before it. Without a fresh one it
 * is not `reliable`; after a break the first one says `missed`. What cannot be published now is, when Redis is back.
 */
export async function createRedisRevocations(client: RedisConnection): Promise<Revocations> {
  const subscriber = client.duplicate();
  const handlers = new Set<(endings: Endings) => void>();
  const tell = (endings: Endings): void => {
    for (const handler of handlers) handler(endings);
  };
  const hearing = createHearing(() => tell('missed'));
  subscriber.on('error', hearing.breakOff);
  subscriber.on('reconnecting', hearing.breakOff);
  const own = `sotto:echo:${randomUUID()}`;
  const outbox = createOutbox(client);
  await subscriber.connect();
  // One command, so that after a break both are there again or neither.
  await subscriber.subscribe([ENDINGS, own], (message, channel) => {
    if (channel === own) return hearing.hear(message);
    const endings = readEndings(message);
    if (endings !== undefined) tell(endings);
  });
  const beat = () => {
    // A refusal shows as an echo that does not come.
    if (client.isReady) client.publish(own, hearing.callOut()).catch(() => {});
    void outbox.flush();
  };
  const timer = setInterval(beat, ECHO_MS);
  timer.unref();
  beat();
  return {
    reliable: hearing.isFresh,
    subscribe(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    publish: (sessions) => outbox.add(sessions),
    async close() {
      clearInterval(timer);
      await outbox.flush();
      subscriber.destroy();
    },
  };
}

/** Ids that no message took along yet. */
function createOutbox(client: RedisConnection) {
  const waiting = new Set<string>();
  /** Whether it went. */
  const send = async (ids: readonly string[]): Promise<boolean> => {
    for (const id of ids) waiting.delete(id);
    try {
      await client.publish(ENDINGS, ids.join(','));
      return true;
    } catch {
      // Again with the next beat: hearing it twice does no harm.
      for (const id of ids) waiting.add(id);
      return false;
    }
  };
  const flush = async (): Promise<void> => {
    let sent = true;
    while (sent && waiting.size > 0 && client.isReady)
      sent = await send([...waiting].slice(0, IDS_PER_MESSAGE));
  };
  return {
    flush,
    add(sessions: readonly SessionId[]) {
      for (const session of sessions) waiting.add(encodeHex(session));
      return flush();
    },
  };
}

/** Undefined for anything else: others may write to this server. */
function readEndings(message: string): SessionId[] | undefined {
  const ids = message.split(',').map(decodeHex);
  return ids.every((id) => id?.length === 16) ? (ids as SessionId[]) : undefined;
}
