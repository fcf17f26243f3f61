import type { Entry } from '@sotto/protocol';
import type { Evidence } from './load.ts';
import { fingerprint, hex } from './thread.ts';
import type { Ledger, Told } from './writer.ts';

/** What came of a run. All of the last three are 0, or something is broken. */
export interface Tally {
  readonly sends: number;
  readonly acks: number;
  readonly deliveries: number;
  readonly commits: number;
  /** Acknowledged, and not where it was said to stand; or not shown to a reader. */
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  /** The first things that are wrong, in words. */
  readonly problems: readonly string[];
}

type Kind = 'lost' | 'doubled' | 'outOfOrder';

/** Compares every acknowledged send with the log and with what every reader was shown. */
export function check({ ledger, readers, welcomes, book }: Evidence): Tally {
  const counts = { lost: 0, doubled: 0, outOfOrder: 0 };
  const problems: string[] = [];
  const complain: Complain = (kind, problem) => {
    counts[kind] += 1;
    if (problems.length < 20) problems.push(`${kind}: ${problem}`);
  };
  const prints = book.map((entry) => fingerprint(entry));
  checkBook(book, ledger, complain);
  checkRefusals(ledger, complain);
  checkTold(ledger.told, prints, complain);
  for (const [n, { shown }] of readers.entries()) checkShown(n, shown, prints, complain);
  checkWelcomes(book, welcomes, complain);
  return {
    sends: ledger.sends,
    acks: ledger.told.length,
    deliveries: readers.reduce((sum, { shown }) => sum + shown.length, 0),
    commits: book.filter(({ kind }) => kind === 'commit').length,
    ...counts,
    problems,
  };
}

type Complain = (kind: Kind, problem: string) => void;

/** No gap, no id twice, one commit for an epoch, times that never go back, and nothing that nobody asked for. */
function checkBook(book: readonly Entry[], { told, open }: Ledger, complain: Complain): void {
  const asked = new Set([...told.map(({ id }) => id), ...[...open.values()].map(({ id }) => hex(id))]);
  const seen = new Set<string>();
  for (const [n, entry] of book.entries()) {
    const id = hex(entry.id);
    if (seen.has(id)) complain('doubled', `${id} stands at ${entry.seq} again`);
    if (!asked.has(id)) complain('doubled', `${id} at ${entry.seq} was asked for by nobody`);
    seen.add(id);
    checkPlace(n + 1, entry, book[n - 1], complain);
  }
}

/** Why a relay that breaks may say no. Everything else means that it forgot something, or failed. */
const EXPECTED = [
  'epoch_moved',
  'unavailable',
  'storage_full',
  'rate_limited',
  'inbox_full',
  'quota_exceeded',
];

function checkRefusals({ refusals }: Ledger, complain: Complain): void {
  for (const [code, times] of refusals) {
    if (!EXPECTED.includes(code)) complain('lost', `${times} times refused with ${code}`);
  }
}

function checkPlace(place: number, entry: Entry, before: Entry | undefined, complain: Complain): void {
  const { seq, epoch, time } = entry;
  const wanted = (before?.epoch ?? 0) + (before?.kind === 'commit' ? 1 : 0);
  if (seq !== place) complain('outOfOrder', `position ${place} holds ${seq}`);
  if (epoch !== wanted) complain('outOfOrder', `${seq} is of epoch ${epoch}, not ${wanted}`);
  if (time < (before?.time ?? 0)) complain('outOfOrder', `the time of ${seq} goes back`);
}

function checkTold(told: readonly Told[], prints: readonly string[], complain: Complain): void {
  const places = new Set<number>();
  for (const { id, seq, behind, fingerprint: said } of told) {
    if (prints[seq - 1] !== said) complain('lost', `${id} was acknowledged at ${seq} and is not there so`);
    if (places.has(seq)) complain('doubled', `${seq} was given to two`);
    if (seq <= behind)
      complain('outOfOrder', `${id} stands at ${seq}, and ${behind} was known before it was sent`);
    places.add(seq);
  }
}

function checkShown(
  reader: number,
  shown: readonly string[],
  prints: readonly string[],
  complain: Complain,
): void {
  for (const [n, print] of prints.entries()) {
    if (shown[n] === undefined) complain('lost', `reader ${reader} was not shown ${n + 1}`);
    else if (shown[n] !== print)
      complain('outOfOrder', `reader ${reader} was shown something else at ${n + 1}`);
  }
  if (shown.length > prints.length) complain('doubled', `reader ${reader} was shown more than there is`);
}

/** Each commit brought its Welcome, whose body names it, once; none came without its commit. */
function checkWelcomes(book: readonly Entry[], welcomes: readonly string[], complain: Complain): void {
  const commits = new Set(book.filter(({ kind }) => kind === 'commit').map(({ id }) => hex(id)));
  const seen = new Set<string>();
  for (const id of welcomes) {
    if (seen.has(id)) complain('doubled', `the Welcome of ${id} came twice`);
    if (!commits.has(id)) complain('doubled', `a Welcome came of ${id}, which is no commit`);
    seen.add(id);
  }
  for (const id of commits) if (!seen.has(id)) complain('lost', `the Welcome of ${id} never came`);
}
