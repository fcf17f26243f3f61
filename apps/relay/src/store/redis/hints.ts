import { randomUUID } from 'node:crypto';
import type { Hint, Hints } from '../../realtime/hints.ts';
import type { RedisConnection } from './connection.ts';
import { createHearing, type Hearing } from './hearing.ts';
import {
  decodeNodeMessage,
  encodeNodeMessage,
  HINTS_PER_MESSAGE,
  type NodeMessage,
} from './hint-messages.ts';
import { createHintOutbox } from './hint-outbox.ts';
import type { HintSeal } from './hint-seal.ts';

const HINTS = 'sotto:hints';
/** How often a node says that it is there, and hears whether it still hears. */
const BEAT_MS = 200;
/** A node that was not heard for so long, and did not say that it goes, may have written what it told nobody. */
const SILENT_MS = 2000;
/** A node that fell silent may still be writing, where Redis does not hear it: so long the others read by themselves. */
const DOUBT_MS = 600_000;

/**
 * Hints over Redis pub/sub, sealed: Redis sees how many there are and when, and keeps nothing of them. What is
 * heard is a matter of the connection: while a node's own beats come back on it, it has heard everything said before them.
 * After a break it is told `missed`; so it is when another node falls silent. What cannot be published now waits.
 */
export async function createRedisHints(client: RedisConnection, seal: HintSeal): Promise<Hints> {
  const node = randomUUID();
  const handlers = new Set<(heard: Hint | 'missed') => void>();
  const tell = (heard: Hint | 'missed'): void => {
    for (const handler of handlers) handler(heard);
  };
  const hearing = createHearing(() => tell('missed'));
  const others = createOtherNodes();
  const say = createVoice(client, seal, node);
  const subscriber = client.duplicate();
  subscriber.on('error', hearing.breakOff);
  subscriber.on('reconnecting', hearing.breakOff);
  const hear = createEar({ node, hearing, others, tell });
  await subscriber.connect();
  await subscriber.subscribe(
    HINTS,
    (bytes: Buffer) => {
      const opened = seal.open(bytes);
      const said = opened === undefined ? undefined : decodeNodeMessage(opened);
      if (said !== undefined) hear(said);
    },
    true,
  );
  const beat = (): void => {
    say.now({ what: 'beat', node, echo: hearing.callOut() });
    say.flush();
    if (hearing.isFresh() && others.fellSilent()) tell('missed');
  };
  const timer = setInterval(beat, BEAT_MS);
  timer.unref();
  beat();
  return {
    publish: say.later,
    reliable: () => hearing.isFresh() && !others.inDoubt(),
    subscribe(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    async close() {
      clearInterval(timer);
      await say.last({ what: 'bye', node });
      subscriber.destroy();
    },
  };
}

/** What is done with what any node says, this one included. */
function createEar(deps: {
  readonly node: string;
  readonly hearing: Hearing;
  readonly others: ReturnType<typeof createOtherNodes>;
  readonly tell: (heard: Hint | 'missed') => void;
}): (said: NodeMessage) => void {
  const { node, hearing, others, tell } = deps;
  const hearItself = (said: NodeMessage): void => {
    if (said.what === 'beat') hearing.hear(said.echo);
  };
  const hearAnother = (said: NodeMessage): void => {
    if (said.what === 'bye') others.left(said.node);
    else others.spoke(said.node);
    if (said.what !== 'hints') return;
    for (const hint of said.hints) tell(hint);
    if (said.missed) tell('missed');
  };
  return (said) => (said.node === node ? hearItself(said) : hearAnother(said));
}

/** One message after the other: what is to be said meanwhile goes with the next. */
function createVoice(client: RedisConnection, seal: HintSeal, node: string) {
  const outbox = createHintOutbox();
  let speaking: Promise<void> | undefined;
  const publish = async (message: NodeMessage): Promise<boolean> => {
    try {
      await client.publish(HINTS, seal.seal(encodeNodeMessage(message)));
      return true;
    } catch {
      return false;
    }
  };
  const speak = async (): Promise<void> => {
    // What is told in this turn of the event loop goes together.
    await new Promise((resolve) => setImmediate(resolve));
    while (client.isReady) {
      const outgoing = outbox.take(HINTS_PER_MESSAGE);
      if (outgoing === undefined) break;
      if (await publish({ what: 'hints', node, ...outgoing })) continue;
      // With the next beat: hearing it twice does no harm.
      outbox.putBack(outgoing);
      break;
    }
    speaking = undefined;
  };
  const flush = (): void => {
    if (client.isReady) speaking ??= speak();
  };
  return {
    flush,
    /** A refusal shows as an echo that does not come. */
    now(message: NodeMessage) {
      if (client.isReady) void publish(message);
    },
    later(hint: Hint) {
      // Entries that nobody can be sent now are read when they can be told of.
      outbox.add(hint.kind === 'log' && !client.isReady ? { ...hint, entries: [] } : hint);
      flush();
    },
    async last(message: NodeMessage) {
      flush();
      await speaking;
      // Who could not say all it had to say does not say that it goes.
      if (client.isReady && outbox.take(1) === undefined) await publish(message);
    },
  };
}

/** The nodes that speak here. */
function createOtherNodes() {
  const heardAt = new Map<string, number>();
  const silentSince = new Map<string, number>();
  return {
    spoke(node: string) {
      heardAt.set(node, performance.now());
      silentSince.delete(node);
    },
    left(node: string) {
      heardAt.delete(node);
      silentSince.delete(node);
    },
    /** Whether any fell silent since it was last asked. */
    fellSilent(): boolean {
      const now = performance.now();
      const silent = [...heardAt].filter(([, at]) => now - at > SILENT_MS);
      for (const [node] of silent) {
        heardAt.delete(node);
        silentSince.set(node, now);
      }
      for (const [node, since] of silentSince) if (now - since > DOUBT_MS) silentSince.delete(node);
      return silent.length > 0;
    },
    inDoubt: () => silentSince.size > 0,
  };
}
