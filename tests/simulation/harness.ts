import { getRandomValues } from 'node:crypto';
import {
  type Chat,
  type ConversationView,
  createChat,
  createMemoryDisk,
  createMemoryHttp,
  createMemoryLink,
  type MemoryDisk,
  type MessageView,
} from '@sotto/core/testing';
import type { InProcessRelayOptions } from '@sotto/relay/testing';
import { createSimulatedRelay, type SimulatedRelay } from './relay.ts';
import { createVirtualClock, rest, type VirtualClock } from './virtual-clock.ts';

/** Cores and the real relay code in one process, with a clock of their own. */
export interface World {
  readonly clock: VirtualClock;
  readonly relay: SimulatedRelay;
  /** What cores reported as broken. */
  readonly failures: unknown[];
  /** A device of a person: its disk outlives its process. */
  device(name: string): Device;
  /** Lets time pass until the condition holds; throws when it does not within a virtual hour. */
  until(what: string, condition: () => boolean | Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

export interface Device {
  readonly name: string;
  chat(): Chat;
  start(): Promise<Chat>;
  /** The process dies: nothing it still does reaches disk or relay. */
  kill(): void;
  restart(): Promise<Chat>;
  online(up: boolean): void;
}

const PASSWORD = 'correct horse battery';
const random = (length: number) => getRandomValues(new Uint8Array(length));

/** @param options of the relay: stores that lie, a rate to run into. */
export async function createWorld(options: InProcessRelayOptions = {}): Promise<World> {
  const clock = createVirtualClock(Date.now());
  const relay = await createSimulatedRelay({ clock: clock.now, ...options });
  const devices: Device[] = [];
  const world: World = {
    clock,
    relay,
    failures: [],
    device(name) {
      const device = createDevice(name, world);
      devices.push(device);
      return device;
    },
    async until(what, condition) {
      const end = clock.now() + 3_600_000;
      for (let idle = 1; !(await condition()); idle++) {
        await passTime(clock, idle);
        if (clock.now() > end || idle > 40_000) throw new Error(`never: ${what}`);
      }
    },
    async close() {
      for (const device of devices) device.kill();
      await relay.close();
    },
  };
  return world;
}

/** Time moves only after the present had the chance to be over: the crypto threads take real time. */
async function passTime(clock: VirtualClock, idle: number): Promise<void> {
  await rest();
  if (idle % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  if (idle % 40 === 0 && !clock.step()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function createDevice(name: string, world: World): Device {
  const disk: MemoryDisk = createMemoryDisk({ random });
  let up = true;
  let life: { alive: boolean; chat: Chat | undefined; cut: () => void } = {
    alive: false,
    chat: undefined,
    cut: () => undefined,
  };
  const http = createMemoryHttp({ origin: world.relay.origin, call: world.relay.call, isUp: () => up });

  async function start(): Promise<Chat> {
    const mine = { alive: true, chat: undefined as Chat | undefined, cut: (): void => undefined };
    life = mine;
    const never = new Promise<never>(() => undefined);
    const link = createMemoryLink(async (handshake, events) => {
      if (!up || !mine.alive) return { ok: false, code: 'offline' };
      const opened = await world.relay.connect(handshake, events);
      if (opened.ok) mine.cut = () => events.down();
      return opened;
    });
    mine.chat = await createChat({
      async openRecords() {
        const store = await disk.open();
        return {
          ...store,
          commit: async (writes) => (mine.alive ? await store.commit(writes) : await never),
        };
      },
      http: {
        origin: http.origin,
        call: async (route, input) => (mine.alive ? await http.call(route, input) : await never),
      },
      link,
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

  const device: Device = {
    name,
    chat() {
      if (life.chat === undefined) throw new Error(`${name} is not running`);
      return life.chat;
    },
    start,
    kill() {
      life.alive = false;
      life.cut();
      life.chat = undefined;
    },
    async restart() {
      device.kill();
      return await start();
    },
    online(next) {
      up = next;
      if (!up) life.cut();
    },
  };
  return device;
}

/** A new account on this device, ready to be written to. */
export async function register(world: World, device: Device): Promise<Chat> {
  const chat = await device.start();
  await chat.register({ username: device.name, password: PASSWORD });
  await isReady(world, device);
  return chat;
}

export async function signIn(world: World, device: Device, username: string): Promise<Chat> {
  const chat = await device.start();
  await chat.signIn({ username, password: PASSWORD });
  await isReady(world, device);
  return chat;
}

export async function isReady(world: World, device: Device): Promise<void> {
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
