import { type Entry, encodeRun, entrySize, LIMITS, type LogId } from '@sotto/protocol';
import type { Peer } from './session.ts';

/** A peer that follows a log while an epoch lasts. */
export interface Follower {
  readonly peer: Peer;
  /** While true nothing is sent: the peer has not been told yet where it stands. */
  waiting: boolean;
  /** Whether entries passed by while it was waiting. */
  missed: boolean;
  /** Position up to which the peer has been told already. */
  told: number;
}

/** Brings new entries to who follows them. */
export interface FanOut {
  follow(log: LogId, epoch: number, follower: Follower): void;
  unfollow(log: LogId, epoch: number, follower: Follower): void;
  /**
   * Entries that are durable, in the order of their log. Those published in one turn of the event loop leave together: one
   * frame for each log and epoch, encoded once. `from` has the ack, and gets no frame that is all its own.
   */
  publish(log: LogId, entry: Entry, from: Peer): void;
}

/** Followers of one log, by epoch. */
type Topic = Map<number, Set<Follower>>;

interface Pending {
  readonly log: LogId;
  readonly entries: Entry[];
  /** The one who appended them all; undefined once there are two. */
  author: Peer | undefined;
}

export function createFanOut(): FanOut {
  const topics = new Map<string, Topic>();
  const pending = new Map<string, Pending>();

  const flush = (): void => {
    const leaving = [...pending];
    pending.clear();
    for (const [key, work] of leaving) {
      const topic = topics.get(key);
      if (topic === undefined) continue;
      deliver(topic, work);
      if (topic.size === 0) topics.delete(key);
    }
  };

  return {
    follow(log, epoch, follower) {
      const key = bytesKey(log);
      const topic = topics.get(key) ?? new Map<number, Set<Follower>>();
      topics.set(key, topic);
      const followers = topic.get(epoch) ?? new Set();
      topic.set(epoch, followers.add(follower));
    },
    unfollow(log, epoch, follower) {
      const key = bytesKey(log);
      const topic = topics.get(key);
      const followers = topic?.get(epoch);
      followers?.delete(follower);
      if (followers?.size === 0) topic?.delete(epoch);
      if (topic?.size === 0) topics.delete(key);
    },
    publish(log, entry, from) {
      const key = bytesKey(log);
      if (!topics.has(key)) return;
      const work = pending.get(key);
      if (work === undefined) {
        // After every promise of this turn: a tick scheduled among promises runs when they are done.
        if (pending.size === 0) process.nextTick(flush);
        pending.set(key, { log, entries: [entry], author: from });
        return;
      }
      work.entries.push(entry);
      if (work.author !== from) work.author = undefined;
    },
  };
}

function deliver(topic: Topic, { log, entries, author }: Pending): void {
  entries.sort((a, b) => a.seq - b.seq);
  for (const run of splitRuns(entries)) {
    const epoch = run[0]?.epoch ?? 0;
    const followers = topic.get(epoch);
    if (followers === undefined) continue;
    send(followers, { log, run: encodeRun(run) }, run.at(-1)?.seq ?? 0, author);
    if (run.at(-1)?.kind === 'commit') topic.delete(epoch);
  }
}

function send(
  followers: Iterable<Follower>,
  notice: { readonly log: LogId; readonly run: Uint8Array },
  last: number,
  author: Peer | undefined,
): void {
  for (const follower of followers) {
    if (follower.waiting) follower.missed = true;
    else if (follower.peer !== author && follower.told < last) follower.peer.notify('log:entries', notice);
  }
}

/** Runs of one epoch without a gap, each within what a reader accepts. */
function splitRuns(entries: readonly Entry[]): Entry[][] {
  const runs: Entry[][] = [];
  let size = 0;
  for (const entry of entries) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const fits =
      last !== undefined &&
      last.epoch === entry.epoch &&
      last.seq + 1 === entry.seq &&
      run !== undefined &&
      run.length < LIMITS.runEntries &&
      size < LIMITS.run;
    size = (fits ? size : 0) + entrySize(entry);
    if (fits) run.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

/** Bytes as a key of a map. */
export function bytesKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
