import { setTimeout as pause } from 'node:timers/promises';
import { decodeRun, type Entry } from '@sotto/protocol';
import { type Client, createClient, type Somebody } from './people.ts';
import { fingerprint, type Thread } from './thread.ts';
import type { Town } from './town.ts';

/** A device that follows a log by what clients are promised: a cursor, gaps that show by position, and nothing else. */
export interface Reader {
  /** Fingerprints of what it was shown, the first at position 1. */
  readonly shown: readonly string[];
  readonly epoch: () => number;
  /** Times that live delivery left a gap, which was read. */
  readonly gaps: () => number;
  /** Entries that came live, not as the answer to a question. */
  readonly live: () => number;
  /** Each time that its connection went: when, and up to which position entries had come. */
  readonly losses: readonly { readonly at: number; readonly had: number }[];
  close(): void;
}

const RETRY_MS = 30;

export function createReader(town: Town, who: Somebody, thread: Thread): Reader {
  const shown: string[] = [];
  const early: Entry[] = [];
  const losses: { at: number; had: number }[] = [];
  let epoch = 0;
  let gaps = 0;
  let live = 0;
  let isAsking = false;
  let asksAgain = false;

  /** True when it came next. */
  const take = (entry: Entry): boolean => {
    if (entry.seq !== shown.length + 1) return false;
    shown.push(fingerprint(entry));
    if (entry.kind === 'commit') epoch += 1;
    return true;
  };
  const takeLive = (entries: readonly Entry[]): void => {
    const epochBefore = epoch;
    for (const entry of entries) {
      if (take(entry)) live += 1;
      else if (entry.seq > shown.length) {
        gaps += 1;
        return void follow();
      }
    }
    if (epoch !== epochBefore) void follow();
  };
  /** Asks for what was missed, and for what comes. What comes meanwhile is looked at after. */
  const follow = async (): Promise<void> => {
    asksAgain = true;
    if (isAsking) return;
    isAsking = true;
    while (asksAgain) {
      asksAgain = false;
      asksAgain = await subscribe();
    }
    isAsking = false;
    takeLive(early.splice(0));
  };
  /** Whether there is more to be asked. */
  const subscribe = async (): Promise<boolean> => {
    const { log, tokenOf } = thread;
    const asked = { log, epoch, token: tokenOf(epoch), after: shown.length };
    const answer = await client.ask('log:subscribe', asked);
    // The next connection begins anew.
    if (answer === undefined) return asksAgain;
    if (!answer.ok) {
      await pause(RETRY_MS);
      return true;
    }
    const entries = decodeRun(answer.run);
    // A gap inside a run is the end of all reading; the checker says so.
    if (entries === undefined) return false;
    for (const entry of entries) take(entry);
    return asksAgain || epoch !== asked.epoch || shown.length < answer.head.seq;
  };
  const client: Client = createClient(town, who, {
    onConnect: () => void follow(),
    onLoss: () => void losses.push({ at: Date.now(), had: early.at(-1)?.seq ?? shown.length }),
    onNotice(name, notice: { log: Uint8Array; run: Uint8Array }) {
      if (name !== 'log:entries') return;
      const entries = decodeRun(notice.run) ?? [];
      if (isAsking) early.push(...entries);
      else takeLive(entries);
    },
  });
  return {
    shown,
    epoch: () => epoch,
    gaps: () => gaps,
    live: () => live,
    losses,
    close: client.close,
  };
}
