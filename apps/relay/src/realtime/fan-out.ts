import { type Entry, encodeRun, type LogId } from '@sotto/protocol';
import type { LogPosition } from '../store/news-store.ts';
import type { Feed } from './feed.ts';
import { splitRuns } from './runs.ts';
import type { Peer } from './session.ts';

/** A peer that follows a log while an epoch lasts. */
export interface Follower {
  readonly peer: Peer;
  /** While true nothing is sent: the peer has not been told yet where it stands. */
  waiting: boolean;
  /** Whether entries passed by while it was waiting. */
  missed: boolean;
  /** Whether the commit that ends its epoch did: nothing more will pass. */
  ended: boolean;
  /** Position up to which the peer has been told already. */
  told: number;
}

/** What is followed: a log while an epoch lasts, by whoever showed the token that hashes to this. */
export interface FollowedEpoch {
  readonly log: LogId;
  readonly epoch: number;
  readonly shownHash: Uint8Array;
}

/** Brings new entries to who follows them. */
export interface FanOut {
  follow(what: FollowedEpoch, follower: Follower): void;
  unfollow(what: FollowedEpoch, follower: Follower): void;
  /** A follower knows where it stands: whatever is behind `seq` is live. */
  begin(what: FollowedEpoch, seq: number): void;
  /**
   * Entries that are durable, in the order of their log. Those published in one turn of the event loop leave together: one
   * frame for each log and epoch, encoded once. `from` has the ack, and gets no frame that is all its own; undefined for
   * entries that came by another node.
   */
  publish(log: LogId, entries: readonly Entry[], from: Peer | undefined): void;
  /** A log is said to have come to `seq`. Means something where other nodes write to it. */
  hear(log: LogId, seq: number): void;
  /** Where other nodes write: how far each log that is followed was passed on. */
  listPositions(): LogPosition[];
}

export interface FanOutDeps {
  /** Where other nodes write to the same logs: opens the feed that sees to order between theirs and ours. */
  readonly openFeed?: (what: FollowedEpoch, deliver: (entries: readonly Entry[]) => void) => Feed<Entry>;
  /** Told of each frame: its entries, and how many get it. */
  readonly onFrame?: (entries: readonly Entry[], readers: number) => void;
}

/** Who follows a log in one epoch. */
interface Channel {
  readonly what: FollowedEpoch;
  readonly followers: Set<Follower>;
  readonly feed: Feed<Entry> | undefined;
}

/** Channels of one log, by epoch. */
type Topic = Map<number, Channel>;

interface Pending {
  readonly log: LogId;
  readonly entries: Entry[];
  /** The one who appended them all; undefined once there are two, or one of another node. */
  author: Peer | undefined;
}

export function createFanOut({ openFeed, onFrame = () => {} }: FanOutDeps = {}): FanOut {
  const topics = new Map<string, Topic>();
  const pending = new Map<string, Pending>();

  const flush = (): void => {
    const leaving = [...pending];
    pending.clear();
    for (const [key, work] of leaving) {
      const topic = topics.get(key);
      if (topic !== undefined) bring(topic, work);
    }
  };
  const bring = (topic: Topic, { entries, author }: Pending): void => {
    entries.sort((a, b) => a.seq - b.seq);
    for (const part of splitEpochs(entries)) {
      const [first] = part;
      if (first === undefined) continue;
      const channel = topic.get(first.epoch);
      if (channel !== undefined) bringPart(channel, part, author);
      hearOfEnds(topic, first);
    }
  };
  const bringPart = (channel: Channel, part: readonly Entry[], author: Peer | undefined): void => {
    const next = channel.feed?.take(part) ?? part;
    const own = new Set(part);
    // What waited for these is somebody else's.
    deliver(channel, next, next.every((entry) => own.has(entry)) ? author : undefined);
  };
  const deliver = (channel: Channel, entries: readonly Entry[], author: Peer | undefined): void => {
    const { followers, what } = channel;
    for (const run of splitRuns(entries)) {
      const readers = send(followers, { log: what.log, run: encodeRun(run) }, run.at(-1)?.seq ?? 0, author);
      onFrame(run, readers);
    }
    if (entries.at(-1)?.kind !== 'commit') return;
    for (const follower of followers) follower.ended = follower.waiting;
    close(channel);
  };
  const close = ({ what, feed }: Channel): void => {
    const key = bytesKey(what.log);
    const topic = topics.get(key);
    topic?.delete(what.epoch);
    if (topic?.size === 0) topics.delete(key);
    feed?.close();
  };
  const open = (topic: Topic, what: FollowedEpoch): Channel => {
    const channel: Channel = {
      what,
      followers: new Set(),
      feed: openFeed?.(what, (entries) => deliver(channel, entries, undefined)),
    };
    topic.set(what.epoch, channel);
    return channel;
  };

  return {
    follow(what, follower) {
      const key = bytesKey(what.log);
      const topic: Topic = topics.get(key) ?? new Map();
      topics.set(key, topic);
      const channel = topic.get(what.epoch) ?? open(topic, what);
      channel.followers.add(follower);
    },
    unfollow({ log, epoch }, follower) {
      const channel = topics.get(bytesKey(log))?.get(epoch);
      channel?.followers.delete(follower);
      if (channel?.followers.size === 0) close(channel);
    },
    begin({ log, epoch }, seq) {
      topics.get(bytesKey(log))?.get(epoch)?.feed?.start(seq);
    },
    publish(log, entries, from) {
      const key = bytesKey(log);
      if (!topics.has(key)) return;
      const work = pending.get(key);
      if (work === undefined) {
        // After every promise of this turn: a tick scheduled among promises runs when they are done.
        if (pending.size === 0) process.nextTick(flush);
        pending.set(key, { log, entries: [...entries], author: from });
        return;
      }
      work.entries.push(...entries);
      if (work.author !== from) work.author = undefined;
    },
    hear(log, seq) {
      for (const { feed } of topics.get(bytesKey(log))?.values() ?? []) feed?.hear(seq);
    },
    listPositions: () => [...topics.values()].flatMap(positionOf),
  };
}

/** As far as the slowest of a log's epochs is. */
function positionOf(topic: Topic): LogPosition[] {
  const positions = [...topic.values()].flatMap(({ what, feed }) =>
    feed?.position === undefined ? [] : [{ log: what.log, seq: feed.position }],
  );
  return positions.sort((a, b) => a.seq - b.seq).slice(0, 1);
}

/** Whoever still waits for the end of an epoch before this entry's has not heard of it. */
function hearOfEnds(topic: Topic, { epoch, seq }: Entry): void {
  for (const [waiting, { feed }] of topic) if (waiting < epoch) feed?.hear(seq - 1);
}

/** Answers how many got it. */
function send(
  followers: Iterable<Follower>,
  notice: { readonly log: LogId; readonly run: Uint8Array },
  last: number,
  author: Peer | undefined,
): number {
  let readers = 0;
  for (const follower of followers) {
    if (follower.waiting) follower.missed = true;
    else if (follower.peer !== author && follower.told < last) {
      follower.peer.notify('log:entries', notice);
      readers += 1;
    }
  }
  return readers;
}

/** Entries of one log, cut where an epoch ends. */
function splitEpochs(entries: readonly Entry[]): Entry[][] {
  const parts: Entry[][] = [];
  for (const entry of entries) {
    const part = parts.at(-1);
    if (part?.[0]?.epoch === entry.epoch) part.push(entry);
    else parts.push([entry]);
  }
  return parts;
}

/** Bytes as a key of a map. */
export function bytesKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
