import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { check } from './check.ts';
import { type Load, startLoad } from './load.ts';
import { createNursery, findPort } from './nodes.ts';
import { createTown } from './town.ts';

/** Times the relay is killed, and acks that it may give before; how many is drawn at random. */
const KILLS = 20;
const LIFE_ACKS = 120;

it('[STORE14] [LOG15] a relay killed under load again and again loses, doubles and reorders nothing it acknowledged, and readers miss nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-sigkill-'));
  const port = await findPort();
  const town = createTown(`http://localhost:${port}`);
  const settings = { SOTTO_DATA_DIR: join(folder, 'data'), SOTTO_LOG: 'warn' };
  const nursery = createNursery(settings, join(folder, 'compiled'));
  let load: Load | undefined;
  try {
    for (let life = 0; life < KILLS; life++) {
      const relay = await nursery.start(port);
      town.open(relay);
      load ??= await startLoad(town, { writers: 8, window: 4, readers: 3, commits: 0.01 });
      await acked(load, 1 + Math.floor(Math.random() * LIFE_ACKS));
      town.shut(relay);
      await relay.kill();
    }
    town.open(await nursery.start(port));
    const tally = check((await load?.finish(30_000))!);
    console.info(`${KILLS} kills: ${JSON.stringify(tally)}`);
    expect(tally).toMatchObject({ problems: [], lost: 0, doubled: 0, outOfOrder: 0 });
    expect(tally.acks).toBeGreaterThan(500);
    expect(tally.commits).toBeGreaterThan(5);
  } finally {
    load?.close();
    await nursery.close();
    rmSync(folder, { recursive: true });
  }
}, 240_000);

function acked({ ledger }: Load, count: number): Promise<void> {
  const enough = ledger.told.length + count;
  return new Promise((resolve) => {
    ledger.onTold = () => ledger.told.length >= enough && resolve();
  });
}
