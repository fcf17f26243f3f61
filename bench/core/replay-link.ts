import type { RelayLink } from '@sotto/core/testing';
import {
  type AckOf,
  decodeRun,
  type Entry,
  encodeRun,
  type LogId,
  type NoticeName,
  type NoticeOf,
  type RequestName,
  type RequestOf,
} from '@sotto/protocol';

/**
 * A link that takes the relay out of the measurement. `pass`: the real one. `hold`: live entries are kept back. `replay`:
 * kept entries are handed over when asked, appends go nowhere. `answer`: appends are acknowledged at once.
 */
export interface ReplayLink extends RelayLink {
  mode: 'pass' | 'hold' | 'replay' | 'answer';
  readonly held: Entry[];
  /** Highest seq seen live. */
  lastSeq: number;
  hand(entries: readonly Entry[]): void;
  /** Called when an append reached the link in mode `answer`. */
  onAppend: () => void;
  nextSeq: number;
  /** The connection goes down, as it does in life. */
  drop(): void;
}

export function createReplayLink(inner: RelayLink): ReplayLink {
  type Handler = <N extends NoticeName>(name: N, notice: NoticeOf<N>) => void;
  let handler: Handler = () => {};
  let log: LogId | undefined;
  let down = () => {};
  const held: Entry[] = [];

  function hold(entries: readonly Entry[]): void {
    for (const entry of entries) if (entry.seq > (held.at(-1)?.seq ?? 0)) held.push(entry);
  }

  function answerAppend(name: RequestName): object {
    if (link.mode !== 'answer') return { ok: false, code: 'offline' };
    if (name === 'log:append') link.onAppend();
    return { ok: true, seq: link.nextSeq++, time: Date.now() };
  }

  function answerHere(name: RequestName, request: object): object | undefined {
    if (link.mode === 'pass' || !name.startsWith('log:')) return undefined;
    if (name === 'log:append' || name === 'log:commit') return answerAppend(name);
    const { epoch, after } = { epoch: 0, after: 0, ...request };
    return { ok: true, run: new Uint8Array(), head: { epoch, seq: after } };
  }

  function learn(answer: object): void {
    const { seq, head } = answer as { seq?: number; head?: { seq: number } };
    link.lastSeq = Math.max(link.lastSeq, seq ?? 0, head?.seq ?? 0);
  }

  const link: ReplayLink = {
    mode: 'pass',
    held,
    nextSeq: 0,
    lastSeq: 0,
    onAppend: () => {},
    hand(entries) {
      if (log !== undefined) handler('log:entries', { log, run: encodeRun(entries) });
    },
    open: (token) => inner.open(token),
    close: () => inner.close(),
    onDown(handler) {
      down = handler;
      inner.onDown(handler);
    },
    drop() {
      inner.close();
      down();
    },
    onNotice(to) {
      handler = to;
      inner.onNotice((name, notice) => {
        if (name !== 'log:entries') return to(name, notice);
        const entries = notice as NoticeOf<'log:entries'>;
        log = entries.log;
        const run = decodeRun(entries.run) ?? [];
        link.lastSeq = Math.max(link.lastSeq, run.at(-1)?.seq ?? 0);
        if (link.mode === 'pass') return to(name, notice);
        hold(run);
      });
    },
    async request<N extends RequestName>(name: N, request: RequestOf<N>) {
      const here = answerHere(name, request);
      if (here !== undefined) return here as AckOf<N>;
      const answer = await inner.request(name, request);
      learn(answer);
      return answer;
    },
  };
  return link;
}
