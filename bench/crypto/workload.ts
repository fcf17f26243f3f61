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

const MESSAGES = 150;

/**
 * Contenders of one size take turns, sample by sample, so that whatever else the machine does falls on all alike.
 */
export async function measure(where: string, contenders: readonly Contender[]): Promise<Row[]> {
  const rows: Row[] = [];
  const sizes = [...new Set(contenders.flatMap(({ members }) => members))];
  for (const size of sizes) {
    const entrants = [];
    for (const contender of contenders.filter(({ members }) => members.includes(size))) {
      entrants.push({ ...contender, party: await contender.gather(size), samples: [] as Sample[] });
    }
    const rounds = size > 100 ? 4 : 8;
    for (let round = 0; round < rounds; round += 1) {
      for (const { party, samples } of entrants) samples.push(await takeSample(party));
    }
    for (const { name, suite, samples } of entrants) {
      const of = (read: (sample: Sample) => number) => median(samples.slice(1).map(read)); // the first warms up
      rows.push({
        where,
        name,
        suite,
        members: size,
        sealsPerSecond: Math.round(1000 / of(({ sealMs }) => sealMs)),
        opensPerSecond: Math.round(1000 / of(({ openMs }) => openMs)),
        commitMs: rounded(of(({ commitMs }) => commitMs)),
        processMs: rounded(of(({ processMs }) => processMs)),
        joinMs: rounded(of(({ joinMs }) => joinMs)),
      });
    }
  }
  return rows;
}

interface Sample {
  readonly sealMs: number;
  readonly openMs: number;
  readonly commitMs: number;
  readonly processMs: number;
  readonly joinMs: number;
}

async function takeSample(party: Party): Promise<Sample> {
  const payload = crypto.getRandomValues(new Uint8Array(200));
  const bodies: Uint8Array[] = [];
  let commit = new Uint8Array();
  return {
    sealMs:
      (await timed(async () => {
        for (let index = 0; index < MESSAGES; index += 1) bodies.push(await party.seal(payload));
      })) / MESSAGES,
    openMs:
      (await timed(async () => {
        for (const body of bodies) await party.open(body);
      })) / MESSAGES,
    commitMs: await timed(async () => {
      commit = new Uint8Array(await party.commit());
    }),
    processMs: await timed(() => party.process(commit)),
    joinMs: await timed(() => party.join()),
  };
}

async function timed(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
