import { getRandomValues } from 'node:crypto';
import {
  type Chat,
  type ConnectRelay,
  type ConversationView,
  createChat,
  createMemoryDisk,
  createMemoryHttp,
  createMemoryLink,
  type MemoryDisk,
  type MessageView,
  type RecordStore,
  StoreError,
} from '@sotto/core/testing';
import { decodeRun, type Entry, encodeRun } from '@sotto/protocol';
import type { InProcessRelayOptions } from '@sotto/relay/testing';
import type { FaultPlan, Step } from './faults.ts';
import { createSimulatedRelay, type SimulatedRelay } from './relay.ts';
import { createVirtualClock, rest, type VirtualClock } from './virtual-clock.ts';
import { createWitness, type Witness } from './witness.ts';

/** Cores and the real relay code in one process, with a clock of their own. */
export interface World {
  readonly clock: VirtualClock;
  readonly relay: SimulatedRelay;
  /** What cores reported as broken. */
  readonly failures: unknown[];
  readonly witness: Witness;
  /** A device of a person: its disk outlives its process. */
  device(name: string): Device;
  /** Lets time pass until the condition holds; throws when it does not within five virtual minutes. */
  until(what: string, condition: () => boolean | Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

export interface Device {
  readonly name: string;
  chat(): Chat;
  start(): Promise<Chat>;
  /** The process dies: nothing it still does reaches disk or relay. */
  kill(): void;
  isAlive(): boolean;
  /** How often its process was started. */
  lives(): number;
  restart(): Promise<Chat>;
  online(up: boolean): void;
  /** What the relay serves this device of logs, answers and live frames alike, from now on. */
  serve(lie: (entries: Entry[], log: Uint8Array) => Entry[]): void;
  /** What the relay answers this device's HTTP calls from now on. */
  answer(lie: HttpLie): void;
  /** Asked for every live notice: true loses it. */
  deafen(deaf: () => boolean): void;
  /** Whether its disk has no room. */
  fill(full: boolean): void;
  /** Where its process dies from now on. */
  plan(plan: FaultPlan): void;
  /** What lies on its disk, sealed, by key: a record that is written again has other bytes. */
  records(): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** May replace the answer of a route. */
type HttpLie = (route: string, input: unknown, answer: unknown) => unknown;

export const PASSWORD = 'correct horse battery';
const random = (length: number) => getRandomValues(new Uint8Array(length));

/**
 * @param options of the relay: stores that lie, a rate to run into.
 * @param meddle what stands between the relay and everybody else.
 */
export async function createWorld(
  options: InProcessRelayOptions = {},
  meddle: (relay: SimulatedRelay) => SimulatedRelay = (relay) => relay,
): Promise<World> {
  const clock = createVirtualClock(Date.now());
  const relay = meddle(await createSimulatedRelay({ clock: clock.now, ...options }));
  const devices: Device[] = [];
  const world: World = {
    clock,
    relay,
    failures: [],
    witness: createWitness(),
    device(name) {
      const device = createDevice(name, world);
      devices.push(device);
      return device;
    },
    async until(what, condition) {
      const end = clock.now() + 300_000;
      while (!(await condition())) {
        await passTime(clock);
        if (clock.now() > end) throw new Error(`never: ${what}`, { cause: world.failures[0] });
      }
    },
    async close() {
      for (const device of devices) device.kill();
      await relay.close();
    },
  };
  return world;
}

/** Time moves in small steps, each after a breath of real time: keys are made and entries sealed meanwhile. */
async function passTime(clock: VirtualClock): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  await rest();
  await clock.advance(100);
}

/** One process of a device: from start to kill. */
interface Life {
  alive: boolean;
  chat: Chat | undefined;
  /** Cuts the live connection. */
  cut: () => void;
}

function createDevice(name: string, world: World): Device {
  const disk: MemoryDisk = createMemoryDisk({ random });
  let records: RecordStore | undefined;
  let up = true;
  let plan: FaultPlan = () => false;
  let lives = 0;
  let deaf: () => boolean = () => false;
  let full = false;
  let lie: (entries: Entry[], log: Uint8Array) => Entry[] = (entries) => entries;
  let httpLie: HttpLie = (_route, _input, answer) => answer;
  let life: Life = { alive: false, chat: undefined, cut: () => undefined };
  const http = createMemoryHttp({ origin: world.relay.origin, call: world.relay.call, isUp: () => up });

  /** A step of this life. What a killed process waits for never comes. */
  async function during<T>(mine: Life, step: Step, work: () => Promise<T>): Promise<T> {
    const never = new Promise<never>(() => undefined);
    if (mine.alive && plan(step, 'before')) kill(mine);
    if (!mine.alive) return await never;
    const result = await work();
    if (mine.alive && plan(step, 'after')) kill(mine);
    return mine.alive ? result : await never;
  }

  function kill(mine: Life): void {
    mine.alive = false;
    mine.cut();
  }

  async function start(): Promise<Chat> {
    const mine: Life = { alive: true, chat: undefined, cut: () => undefined };
    life = mine;
    lives += 1;
    mine.chat = await createChat({
      async openRecords() {
        const store = await disk.open();
        records = store;
        const commit: typeof store.commit = async (writes, root) => {
          if (full) throw new StoreError('quota');
          await during(mine, 'commit', () => store.commit(writes, root));
        };
        return { ...store, commit };
      },
      openTemporaryRecords: () => createMemoryDisk({ random }).open(),
      http: {
        origin: http.origin,
        call: (route, input) =>
          during(mine, 'http', async () => httpLie(route, input, await http.call(route, input)) as never),
      },
      link: createMemoryLink(connect(mine)),
      clock: {
        now: world.clock.now,
        after: (ms, callback) => world.clock.after(ms, () => mine.alive && callback()),
      },
      random,
      persistStorage: async () => true,
      report: (thrown) => world.failures.push(thrown),
    });
    return mine.chat;
  }

  function connect(mine: Life): ConnectRelay {
    return async (handshake, events) => {
      if (!up || !mine.alive) return { ok: false, code: 'offline' };
      const opened = await world.relay.connect(handshake, {
        ...events,
        notice(asked, notice) {
          if (!deaf()) events.notice(asked, withLie(notice, lie));
        },
      });
      if (!opened.ok) return opened;
      const { peer } = opened;
      // The relay's side forgets the connection too: what was asked on it may still take effect there.
      mine.cut = () => {
        peer.close();
        events.down();
      };
      const request = (asked: string, body: unknown) => {
        world.witness.see(asked, body);
        return during(mine, 'request', async () => {
          const { log } = body as { log?: Uint8Array };
          return withLie(
            { ...((await peer.request(asked, body)) as object), ...(log && { log }) },
            lie,
            true,
          );
        });
      };
      return { ok: true, peer: { request, close: () => peer.close() } };
    };
  }

  return {
    name,
    chat() {
      if (life.chat === undefined) throw new Error(`${name} is not running`);
      return life.chat;
    },
    isAlive: () => life.alive,
    async records() {
      const found = await records?.range({ from: [''], to: ['\uffff'] });
      return new Map(found?.map(({ key, value }) => [JSON.stringify(key), value]));
    },
    lives: () => lives,
    start,
    kill: () => kill(life),
    async restart() {
      kill(life);
      return await start();
    },
    online(next) {
      up = next;
      if (!up) life.cut();
    },
    serve(next) {
      lie = next;
    },
    answer(next) {
      httpLie = next;
    },
    deafen(next) {
      deaf = next;
    },
    fill(next) {
      full = next;
    },
    plan(next) {
      plan = next;
    },
  };
}

/** A frame or an answer with its run of entries as the lie has it. */
function withLie(
  frame: unknown,
  lie: (entries: Entry[], log: Uint8Array) => Entry[],
  isAnswer = false,
): unknown {
  const { log, ...rest } = frame as { log?: Uint8Array; run?: Uint8Array };
  if (log === undefined || rest.run === undefined) return isAnswer ? rest : frame;
  const run = encodeRun(lie(decodeRun(rest.run) ?? [], log));
  return isAnswer ? { ...rest, run } : { log, run };
}

/** A new account on this device, ready to be written to. */
export async function register(world: World, device: Device): Promise<Chat> {
  const chat = await device.start();
  await chat.register({ username: device.name, password: PASSWORD });
  await isReady(world, device);
  return chat;
}

/** The running device signs in. */
export async function signInAgain(world: World, device: Device, username: string): Promise<void> {
  await device.chat().signIn({ username, password: PASSWORD });
  await isReady(world, device);
}

export async function signIn(world: World, device: Device, username: string): Promise<Chat> {
  const chat = await device.start();
  await chat.signIn({ username, password: PASSWORD });
  await isReady(world, device);
  return chat;
}

async function isReady(world: World, device: Device): Promise<void> {
  await world.until(`${device.name} is ready`, () => {
    const { session } = device.chat().snapshot();
    return session.state === 'signed_in' && session.ready;
  });
}

/** Finds a person and opens the conversation. */
export async function openWith(device: Device, username: string): Promise<string> {
  const [found] = await device.chat().findPeople({ name: username });
  if (found === undefined) throw new Error(`no ${username}`);
  return await device.chat().openDirect({ account: found.account, username: found.username });
}

/** Says something; resolves when it is durable on this device. */
export async function say(device: Device, conversation: string, text: string): Promise<string> {
  const id = Buffer.from(random(16)).toString('hex');
  await device.chat().sendMessage({ conversation, id, text });
  return id;
}

export async function linesOf(device: Device, conversation: string): Promise<readonly MessageView[]> {
  const found = device
    .chat()
    .snapshot()
    .conversations.find(({ key }) => key === conversation);
  return await device.chat().readMessages({ conversation, from: 0, count: found?.total ?? 0 });
}

export async function textsOf(device: Device, conversation: string): Promise<string[]> {
  const lines = await linesOf(device, conversation);
  return lines.filter((line) => line.kind === 'text').map((line) => line.text);
}

export function accountOf(device: Device): string {
  const { session } = device.chat().snapshot();
  if (session.state !== 'signed_in') throw new Error(`${device.name} is not signed in`);
  return session.account;
}

export function conversationOf(device: Device, key: string): ConversationView | undefined {
  return device
    .chat()
    .snapshot()
    .conversations.find((conversation) => conversation.key === key);
}

/** Waits until a text stands in the thread. */
export async function hears(world: World, device: Device, conversation: string, text: string): Promise<void> {
  await world.until(`${device.name} hears "${text}"`, async () => {
    if (conversationOf(device, conversation) === undefined) return false;
    return (await textsOf(device, conversation)).includes(text);
  });
}

export function alarmsOf(...devices: readonly Device[]): string[] {
  return devices.flatMap((device) =>
    device
      .chat()
      .snapshot()
      .alarms.map((alarm) => `${device.name}: ${alarm.kind}`),
  );
}
