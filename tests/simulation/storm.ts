import { createDice, type Dice, killAtStep } from './faults.ts';
import {
  accountOf,
  alarmsOf,
  createWorld,
  type Device,
  hears,
  openWith,
  register,
  say,
  textsOf,
  type World,
} from './harness.ts';

/** What a storm must not break. Texts, sorted out by what went wrong with them; all empty when nothing did. */
export interface StormReport {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly disordered: boolean;
  readonly forgotten: readonly string[];
  readonly alarms: readonly string[];
  readonly changedRetries: readonly string[];
  readonly failures: readonly unknown[];
}

/**
 * Two people talk while processes die at random steps and connections come and go. Everything that was promised (a send
 * that resolved) must stand once in both threads, in one order.
 */
export async function runStorm(
  seed: number,
  rounds: number,
  opening: 'opened' | 'both_at_once' = 'opened',
): Promise<StormReport> {
  const dice = createDice(seed);
  const world = await createWorld();
  try {
    const [alice, bob] = [world.device('alice'), world.device('bob')];
    await register(world, alice);
    await register(world, bob);
    const talk = await (opening === 'opened' ? openTalk : openAtOnce)(world, alice, bob);
    for (const device of [alice, bob]) device.deafen(() => dice.roll() < 0.15);
    const forgotten: string[] = [];
    for (let round = 0; round < rounds; round++) await playRound(world, dice, talk, forgotten);
    await calm(world, talk);
    return { ...(await judge(world, talk)), forgotten };
  } finally {
    await world.close();
  }
}

interface Talk {
  readonly sides: readonly { readonly device: Device; readonly thread: string }[];
  /** Sends that resolved, and those whose process died first: these may arrive, once. */
  readonly promised: string[];
  readonly tried: string[];
  /** Sends without an answer yet, and whose life of which device waits for it. */
  readonly waiting: Map<string, { readonly device: Device; readonly life: number }>;
}

async function openTalk(world: World, alice: Device, bob: Device): Promise<Talk> {
  const thread = await openWith(alice, 'bob');
  await say(alice, thread, 'opening');
  const back = accountOf(alice);
  await hears(world, bob, back, 'opening');
  const sides = [
    { device: alice, thread },
    { device: bob, thread: back },
  ];
  return { sides, promised: ['opening'], tried: ['opening'], waiting: new Map() };
}

/** Neither has a log yet: both make one with their first message, in the storm. */
async function openAtOnce(_world: World, alice: Device, bob: Device): Promise<Talk> {
  const sides = [
    { device: alice, thread: await openWith(alice, 'bob') },
    { device: bob, thread: await openWith(bob, 'alice') },
  ];
  return { sides, promised: [], tried: [], waiting: new Map() };
}

async function playRound(world: World, dice: Dice, talk: Talk, forgotten: string[]): Promise<void> {
  const side = talk.sides[dice.pick(2)]!;
  const { device, thread } = side;
  if (!device.isAlive()) await revive(world, side, forgotten);
  const luck = dice.roll();
  if (luck < 0.25) device.plan(killAtStep(dice.pick(12)));
  else if (luck < 0.35) device.online(false);
  else if (luck < 0.6) device.online(true);
  const burst = 1 + dice.pick(4);
  for (let i = 0; i < burst && device.isAlive(); i++) speak(talk, device, thread);
  await world.clock.advance(dice.pick(4000));
}

/** Says something without waiting: a process that dies never answers. */
function speak(talk: Talk, device: Device, thread: string): void {
  const text = `${device.name} ${talk.tried.length}`;
  talk.tried.push(text);
  talk.waiting.set(text, { device, life: device.lives() });
  say(device, thread, text).then(
    () => {
      talk.waiting.delete(text);
      talk.promised.push(text);
    },
    () => talk.waiting.delete(text),
  );
}

/** Starts the process again; lines that were read before must stand where they stood. */
async function revive(world: World, side: Talk['sides'][number], forgotten: string[]): Promise<void> {
  side.device.plan(() => false);
  const before = await knownTexts(side.device, side.thread);
  await side.device.restart();
  const after = await textsOf(side.device, side.thread);
  forgotten.push(...before.filter((text, i) => after[i] !== text));
  await world.clock.advance(10);
}

/** What the last snapshot of a dead process showed as a line. */
async function knownTexts(device: Device, thread: string): Promise<string[]> {
  const shown = device
    .chat()
    .snapshot()
    .conversations.find(({ key }) => key === thread);
  return shown === undefined ? [] : await textsOf(device, thread);
}

/** The weather clears: everybody is up and online, and time passes until nothing is queued. */
async function calm(world: World, talk: Talk): Promise<void> {
  const ignored: string[] = [];
  for (const side of talk.sides) {
    side.device.plan(() => false);
    side.device.deafen(() => false);
    // A hint that was lost is made up for by the next connection.
    side.device.online(false);
    side.device.online(true);
    if (!side.device.isAlive()) await revive(world, side, ignored);
    await side.device.chat().reconnect({});
  }
  await world.until('all is said', async () => {
    const heard = await Promise.all(talk.sides.map(({ device, thread }) => textsOf(device, thread)));
    const queued = talk.sides.flatMap(({ device }) =>
      device
        .chat()
        .snapshot()
        .conversations.flatMap((conversation) => conversation.queued),
    );
    return (
      queued.length === 0 &&
      isAnswered(talk) &&
      heard[0]?.length === heard[1]?.length &&
      isAllThere(talk, heard)
    );
  });
}

/** Whether every send that a living process was asked for is answered. */
function isAnswered({ waiting }: Talk): boolean {
  return [...waiting.values()].every(({ device, life }) => device.lives() !== life || !device.isAlive());
}

function isAllThere(talk: Talk, heard: readonly (readonly string[])[]): boolean {
  return heard.every((texts) => talk.promised.every((text) => texts.includes(text)));
}

async function judge(world: World, talk: Talk): Promise<Omit<StormReport, 'forgotten'>> {
  const [hers = [], his = []] = await Promise.all(
    talk.sides.map(({ device, thread }) => textsOf(device, thread)),
  );
  const count = (texts: readonly string[], text: string) => texts.filter((other) => other === text).length;
  return {
    lost: talk.promised.filter((text) => count(hers, text) === 0 || count(his, text) === 0),
    doubled: talk.tried.filter((text) => count(hers, text) > 1 || count(his, text) > 1),
    disordered: hers.join('|') !== his.join('|'),
    alarms: alarmsOf(...talk.sides.map(({ device }) => device)),
    changedRetries: world.witness.changedRetries(),
    failures: world.failures,
  };
}
