import type { ChatSnapshot } from '../chat/chat.ts';
import type { Clock } from '../chat/clock.ts';
import type { ChannelMessage } from './channel-messages.ts';
import { HEARTBEAT } from './leader.ts';
import type { CallResult } from './messages.ts';
import { applyPatch } from './patch.ts';
import { chatSnapshot } from './view-schemas.ts';

/** A leader that says nothing for so long is frozen, in milliseconds. */
export const SILENCE = 6 * HEARTBEAT;

/** A tab without the engine: shows what the leader shows, and asks it. */
export interface Follower {
  /** The leader it believes in, once one spoke. */
  term(): string | undefined;
  receive(message: ChannelMessage): void;
  /** Looks for a leader from now on, or stops looking. */
  start(): void;
  stop(): void;
}

export interface FollowerDeps {
  readonly tab: string;
  readonly clock: Clock;
  post(message: ChannelMessage): void;
  onSnapshot(snapshot: ChatSnapshot): void;
  onResult(id: number, result: CallResult): void;
  /** Another leader: calls that wait are to be asked again. */
  onTerm(): void;
  /** No sign of a leader for SILENCE. */
  onSilence(): void;
}

type LeaderMessage = Exclude<ChannelMessage, { kind: 'hello' | 'call' }>;

export function createFollower(deps: FollowerDeps): Follower {
  const { tab, clock, post } = deps;
  let term: string | undefined;
  let shown: { readonly revision: number; readonly snapshot: ChatSnapshot } | undefined;
  let heard = 0;
  let checked = 0;
  let cancelWatch: () => void = () => undefined;

  function believe(next: string): void {
    if (term === next) return;
    term = next;
    shown = undefined;
    deps.onTerm();
  }

  function show(revision: number, snapshot: ChatSnapshot): void {
    shown = { revision, snapshot };
    deps.onSnapshot(snapshot);
  }

  function follow({ revision, patch }: ChannelMessage & { kind: 'patch' }): void {
    // Before the first whole state nothing can be patched: it is on its way.
    if (shown === undefined || revision <= shown.revision) return;
    const next = revision === shown.revision + 1 ? patched(shown.snapshot, patch) : undefined;
    if (next === undefined) lookAgain();
    else show(revision, next);
  }

  function lookAgain(): void {
    shown = undefined;
    post({ kind: 'hello', tab });
  }

  function hear(message: LeaderMessage): void {
    heard = clock.now();
    if (message.kind === 'state') show(message.revision, message.snapshot);
    else if (message.kind === 'patch') follow(message);
    else if (message.kind === 'result' && message.tab === tab) deps.onResult(message.id, message.result);
    else if (message.kind === 'gone') {
      term = undefined;
      lookAgain();
    }
  }

  function watch(): void {
    const now = clock.now();
    // This tab itself slept: what it missed meanwhile is no sign that the leader did.
    if (now - checked > 2 * HEARTBEAT) heard = now;
    checked = now;
    if (now - heard < SILENCE) cancelWatch = clock.after(HEARTBEAT, watch);
    else deps.onSilence();
  }

  return {
    term: () => term,
    receive(message) {
      if (message.kind === 'hello' || message.kind === 'call') return;
      if (term === undefined || (message.kind === 'alive' && message.announce)) believe(message.term);
      if (message.term === term) hear(message);
    },
    start() {
      term = undefined;
      heard = clock.now();
      checked = heard;
      cancelWatch();
      cancelWatch = clock.after(HEARTBEAT, watch);
      lookAgain();
    },
    stop() {
      cancelWatch();
    },
  };
}

/** Undefined when the patch does not lead to a snapshot. What it leaves alone keeps its identity. */
function patched(snapshot: ChatSnapshot, patch: Parameters<typeof applyPatch>[1]): ChatSnapshot | undefined {
  try {
    const next = applyPatch(snapshot, patch);
    return chatSnapshot.safeParse(next).success ? (next as ChatSnapshot) : undefined;
  } catch {
    return undefined;
  }
}
