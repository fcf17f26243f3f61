import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dial } from '../../apps/relay/test/http/dial.ts';
import { createPerson } from '../../apps/relay/test/http/person.ts';
import { check } from './check.ts';
import { createDisk, type Disk } from './disk.ts';
import { type Grounds, openGrounds, type Place } from './grounds.ts';
import { type Load, startLoad, untilAcked } from './load.ts';
import { processorMs } from './processor.ts';
import { createReader, type Reader } from './reader.ts';

const SHAPE = { writers: 6, window: 4, readers: 2, commits: 0, body: 2000 };
const SMALL_MB = 24;
const LARGE_MB = 128;
const CLEAN = { problems: [], lost: 0, doubled: 0, outOfOrder: 0 };

let disk: Disk;
let grounds: Grounds;
let relay: Place;
let load: Load | undefined;
/** Why there is nothing to be tried. */
let missing: string | undefined;

beforeEach(async () => {
  const made = await createDisk(SMALL_MB);
  missing = typeof made === 'string' ? made : undefined;
  if (typeof made === 'string') return console.warn(`\nSKIPPED, a disk that is full: ${missing}\n`);
  disk = made;
  const settings = { SOTTO_DATA_DIR: disk.path };
  const opened = await openGrounds({ store: 'sqlite', nodes: 1, settings }).catch(async (error) => {
    await disk.remove();
    throw error;
  });
  if (typeof opened === 'string') throw new Error(opened);
  grounds = opened;
  relay = grounds.places[0] as Place;
}, 60_000);
afterEach(async () => {
  if (missing !== undefined) return;
  load?.close();
  load = undefined;
  await grounds.close();
  await disk.remove();
}, 60_000);

describe('a relay whose disk is full', { timeout: 120_000 }, () => {
  it('[STORE17] [STORE36] [HTTP16] [HTTP19] [SEE7] says so, serves who reads, says one line of it, and takes what it refused when there is room', async (test) => {
    if (missing !== undefined) return test.skip(missing);
    const carol = await signUpToRead('carol');
    load = await startLoad(grounds.town, SHAPE);
    await untilAcked(load, 100);
    // A pair of tokens that nobody has seen in use when the disk is full.
    await carol.refresh();
    await untilRefused(load, 200);
    expect(await free()).toBeLessThan(8192);

    await expectAllRead(load, carol);
    const bob = createPerson(dial(grounds.town), 'bob');
    expect(await bob.register('a password')).toMatchObject({ code: 'storage_full' });
    expect((await ask('/healthz')).status).toBe(200);
    await vi.waitFor(async () => expect((await ask('/readyz')).status).toBe(503), FEW_SECONDS);
    await expectCheapRefusals(load);
    expect(linesAboutSpace()).toHaveLength(1);
    expect(relay.node()?.log().trim().split('\n')).toHaveLength(1);

    await disk.resize(LARGE_MB);
    await untilAcked(load, 200);
    await vi.waitFor(async () => expect((await ask('/readyz')).status).toBe(200), FEW_SECONDS);
    await finish(load);
    expect(await bob.register('a password')).toMatchObject({ username: 'bob' });
  });

  it('[STORE14] [STORE37] is killed and starts on the full disk: what was acknowledged is read, and with room it goes on', async (test) => {
    if (missing !== undefined) return test.skip(missing);
    const carol = await signUpToRead('carol');
    load = await startLoad(grounds.town, SHAPE);
    await untilRefused(load, 100);
    for (let kills = 0; kills < 3; kills++) {
      await relay.kill();
      await relay.start();
      await untilRefused(load, 50);
    }
    await expectAllRead(load, carol);
    // It may even be stopped: the journal stays where it is.
    expect(await relay.node()?.kill('SIGTERM')).toBe(0);
    await relay.kill();
    await relay.start();
    await expectAllRead(load, carol);
    await disk.resize(LARGE_MB);
    await untilAcked(load, 200);
    await relay.kill();
    await relay.start();
    await finish(load);
  });

  it('[STORE37] does not start where nothing fits, says in one line what to do, and starts when there is room', async (test) => {
    if (missing !== undefined) return test.skip(missing);
    expect(await relay.node()?.kill('SIGTERM')).toBe(0);
    await relay.kill();
    await writeFile(join(disk.path, 'somebody-elses'), Buffer.alloc(await free()));
    const refusal = await relay.start().then(
      () => 'it started',
      (error: Error) => error.message.trim(),
    );
    expect(refusal).toBe(
      'ended with 1: SOTTO_DATA_DIR: its disk is full; make room and start again: nothing acknowledged is lost',
    );
    await disk.resize(LARGE_MB);
    await relay.start();
    expect((await ask('/readyz')).status).toBe(200);
  });
});

const FEW_SECONDS = { timeout: 20_000, interval: 200 };

async function signUpToRead(name: string) {
  const person = createPerson(dial(grounds.town), name);
  expect(await person.register('a password')).toMatchObject({ username: name });
  return person;
}

/** People try again and again: so often in vain, and nobody had more luck meanwhile. */
async function untilRefused({ ledger }: Load, times: number): Promise<void> {
  const count = () => ledger.refusals.get('storage_full') ?? 0;
  for (let acks = -1; ledger.told.length > acks; ) {
    acks = ledger.told.length;
    const enough = count() + times;
    await vi.waitFor(() => expect(count()).toBeGreaterThanOrEqual(enough), { timeout: 60_000, interval: 20 });
  }
}

/** A device that comes for the first time reads all that was acknowledged, and those who are there have it. */
async function expectAllRead({ ledger, readers }: Load, who: Awaited<ReturnType<typeof signUpToRead>>) {
  const token = async () => who.accessToken;
  const late = createReader(grounds.town, { ...who, token }, ledger.thread);
  const have = (reader: Reader) => expect(reader.shown.length).toBeGreaterThanOrEqual(ledger.newest);
  await vi.waitFor(() => [late, ...readers].forEach(have), FEW_SECONDS);
  for (const { seq, fingerprint } of ledger.told) expect(late.shown[seq - 1]).toBe(fingerprint);
  late.close();
}

/** What the relay refuses costs next to nothing, however much it holds. */
async function expectCheapRefusals({ ledger }: Load): Promise<void> {
  const pid = relay.node()?.pid ?? 0;
  const count = () => ledger.refusals.get('storage_full') ?? 0;
  const [before, start] = [count(), processorMs(pid)];
  await pause(3000);
  const each = (processorMs(pid) - start) / (count() - before);
  console.info(`${count() - before} refusals in 3 s, ${each.toFixed(2)} ms of processor each`);
  expect(each).toBeLessThan(MOST_MS_EACH);
}

const MOST_MS_EACH = 1.5;

function linesAboutSpace(): string[] {
  const lines = relay.node()?.log().split('\n') ?? [];
  return lines.filter((line) => /storage_full|space/.test(line));
}

async function finish(load: Load): Promise<void> {
  const tally = check(await load.finish(60_000));
  console.info(JSON.stringify({ ...tally, refused: Object.fromEntries(load.ledger.refusals) }));
  expect(tally).toMatchObject(CLEAN);
  // What was refused went through under the id that it had: nobody waits any more.
  expect(load.ledger.open.size).toBe(0);
}

const free = () => disk.free();
const ask = (path: string) => fetch(`${relay.node()?.origin}${path}`);
