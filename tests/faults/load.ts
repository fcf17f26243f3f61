import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeRun, type Entry } from '@sotto/protocol';
import { createDoormat, type Doormat } from './doormat.ts';
import { type Client, CONNECTIONS_EACH, createClient, type Somebody, signUp } from './people.ts';
import { createReader, type Reader } from './reader.ts';
import { createThread, hex, type Thread } from './thread.ts';
import type { Town } from './town.ts';
import { createLedger, createLog, type Ledger, write } from './writer.ts';

export interface LoadOptions {
  readonly writers: number;
  /** Appends that each writer has under way at once. */
  readonly window: number;
  readonly readers: number;
  /** Part of what writers of the invited account write that is a commit, each with a Welcome for its device. */
  readonly commits: number;
  /** Bytes of each body; 200 when not given. */
  readonly body?: number;
  /** Whether people expect that good tokens are refused, and renew them. */
  readonly renews?: boolean;
}

/** Everything that the checker compares. */
export interface Evidence {
  readonly ledger: Ledger;
  readonly readers: readonly Reader[];
  readonly welcomes: readonly string[];
  /** The log as it is read in the end, from its first entry. */
  readonly book: readonly Entry[];
}

/** People who write into one log, follow it and take their Welcomes, whatever happens to relays. */
export interface Load {
  readonly ledger: Ledger;
  readonly readers: readonly Reader[];
  /** Lets everybody finish: what is waited for is acknowledged, and readers have what was acknowledged, or `withinMs` is over. */
  finish(withinMs: number): Promise<Evidence>;
  /** In any case, and more than once. */
  close(): void;
}

export async function startLoad(town: Town, options: LoadOptions): Promise<Load> {
  const thread = createThread();
  const ledger = createLedger(thread);
  const accounts = Math.ceil((options.writers + options.readers + 2) / CONNECTIONS_EACH);
  const people: Somebody[] = [];
  for (let n = 0; n < accounts; n++) {
    people.push(await signUp(town, `person-${hex(randomBytes(6))}`, options.renews));
  }
  let seat = 0;
  const next = () => people[Math.floor(seat++ / CONNECTIONS_EACH)] as Somebody;

  const invited = next();
  const doormat = createDoormat(town, invited);
  const authors = Array.from({ length: options.writers }, next);
  const clients = authors.map((author) => createClient(town, author));
  const [first] = clients;
  if (first === undefined) throw new Error('nobody writes');
  await createLog(first, thread);
  const readers = Array.from({ length: options.readers }, () => createReader(town, next(), thread));
  const lanes = Array.from({ length: options.writers * options.window }, (_, lane) => {
    const client = clients[lane % clients.length] as Client;
    const { body = 200 } = options;
    // Another account may leave so many Welcomes a day and no more; to one's own devices there is no limit.
    const commits = authors[lane % clients.length] === invited ? options.commits : 0;
    return write({ client, ledger, lane, invited, commits, body, isLeft: town.isLeft });
  });
  return {
    ledger,
    readers,
    async finish(withinMs) {
      const deadline = performance.now() + withinMs;
      ledger.isOver = true;
      await Promise.race([Promise.all(lanes), pause(withinMs)]);
      await untilShown({ ledger, readers, doormat }, deadline);
      const book = await readBook(first, thread);
      return { ledger, readers, welcomes: doormat.items, book };
    },
    close() {
      town.leave();
      for (const one of [...clients, ...readers, doormat]) one.close();
    },
  };
}

/** Resolves when so many more were acknowledged. For one at a time. */
export function untilAcked({ ledger }: Pick<Load, 'ledger'>, count: number): Promise<void> {
  const enough = ledger.told.length + count;
  return new Promise((resolve) => {
    ledger.onTold = () => ledger.told.length >= enough && resolve();
  });
}

const LOOK_MS = 50;

/** Nobody asks for anything: what was acknowledged has to come by itself. */
async function untilShown(
  { ledger, readers, doormat }: { ledger: Ledger; readers: readonly Reader[]; doormat: Doormat },
  deadline: number,
): Promise<void> {
  const commits = ledger.told.filter(({ isCommit }) => isCommit).length;
  const isShown = () =>
    readers.every(({ shown }) => shown.length >= ledger.newest) && doormat.items.length >= commits;
  while (!isShown() && performance.now() < deadline) await pause(LOOK_MS);
}

/** All of the log, as a member who has every token reads it. */
async function readBook(client: Client, thread: Thread): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let epoch = 0; ; ) {
    const after = entries.at(-1)?.seq ?? 0;
    const answer = await readRun(client, thread, epoch, after);
    entries.push(...answer.entries);
    const isEnd = (entries.at(-1)?.seq ?? 0) >= answer.head.seq;
    if (isEnd && answer.head.epoch === epoch) return entries;
    if (isEnd) epoch += 1;
  }
}

/** Again and again, while relays are away. */
async function readRun(client: Client, { log, tokenOf }: Thread, epoch: number, after: number) {
  for (;;) {
    const asked = { log, epoch, token: tokenOf(epoch), after, limit: 1000 };
    const answer = await client.ask('log:read', asked);
    if (answer?.ok) {
      const entries = decodeRun(answer.run);
      if (entries === undefined) throw new Error(`the log has a gap somewhere behind ${after}`);
      return { entries, head: answer.head };
    }
    if (answer !== undefined && !LATER.includes(answer.code)) throw new Error(answer.code);
    await pause(LOOK_MS);
  }
}

const LATER: readonly string[] = ['unavailable', 'rate_limited'];
