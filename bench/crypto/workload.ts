// What is measured, the same in Node and in a browser: one sealed message of 200 bytes, opening it, an empty commit, and
// joining, in groups of some sizes. Groups grow by commits that add up to a hundred devices at once.

/** A group as a workload sees it: `author` commits and seals, `reader` joined last. */
export interface Party {
  /** Seals a message of the author's, and moves the author. */
  seal(payload: Uint8Array): Promise<Uint8Array>;
  /** Opens it as the reader, and moves the reader. */
  open(body: Uint8Array): Promise<void>;
  /** An empty commit of the author's; nobody moves. */
  commit(): Promise<Uint8Array>;
  /** The reader processes it, and does not move. */
  process(body: Uint8Array): Promise<void>;
  /** The reader's join from its Welcome, again. */
  join(): Promise<void>;
}

export interface Contender {
  readonly name: string;
  readonly suite: string;
  /** Sizes to measure. */
  readonly members: readonly number[];
  gather(members: number): Promise<Party>;
}

export interface Row {
  readonly where: string;
  readonly name: string;
  readonly suite: string;
  readonly members: number;
  /** Medians. */
  readonly sealsPerSecond: number;
  readonly opensPerSecond: number;
  readonly commitMs: number;
  readonly processMs: number;
  readonly joinMs: number;
}

const SAMPLES = 5;
const MESSAGES = 150;

export async function measure(where: string, contenders: readonly Contender[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name, suite, members, gather } of contenders) {
    for (const size of members) {
      const party = await gather(size);
      const { seals, opens } = await exchange(party);
      const times = size > 100 ? 3 : 7;
      const commitMs = await medianMs(times, () => party.commit());
      const body = await party.commit();
      const processMs = await medianMs(times, () => party.process(body));
      const joinMs = await medianMs(times, () => party.join());
      rows.push({
        where,
        name,
        suite,
        members: size,
        sealsPerSecond: Math.round(seals),
        opensPerSecond: Math.round(opens),
        commitMs,
        processMs,
        joinMs,
      });
    }
  }
  return rows;
}

async function exchange(party: Party): Promise<{ seals: number; opens: number }> {
  const payload = crypto.getRandomValues(new Uint8Array(200));
  const seals: number[] = [];
  const opens: number[] = [];
  for (let sample = 0; sample <= SAMPLES; sample += 1) {
    const bodies: Uint8Array[] = [];
    const start = performance.now();
    for (let index = 0; index < MESSAGES; index += 1) bodies.push(await party.seal(payload));
    const between = performance.now();
    for (const body of bodies) await party.open(body);
    const end = performance.now();
    if (sample === 0) continue; // the first one warms up
    seals.push((MESSAGES / (between - start)) * 1000);
    opens.push((MESSAGES / (end - between)) * 1000);
  }
  return { seals: median(seals), opens: median(opens) };
}

async function medianMs(times: number, run: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let index = 0; index < times; index += 1) {
    const start = performance.now();
    await run();
    taken.push(performance.now() - start);
  }
  return Math.round(median(taken) * 100) / 100;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
