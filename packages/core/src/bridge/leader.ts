import type { Chat } from '../chat/chat.ts';
import type { Clock } from '../chat/clock.ts';
import type { ChannelMessage } from './channel-messages.ts';
import { type CallResult, STARTING } from './messages.ts';
import { createPace } from './pace.ts';
import { makePatch } from './patch.ts';
import { runsHere } from './pending-calls.ts';
import { runVerb } from './run-verb.ts';

/** How often a leader says that it lives, in milliseconds. */
export const HEARTBEAT = 1000;
const FRAME = 16;

/** The tab that runs the engine, seen from the others: it answers them and shows them what changed. */
export interface Leader {
  readonly term: string;
  /** Runs a call of this tab's own page. */
  run(verb: string, input: unknown): Promise<CallResult>;
  receive(message: ChannelMessage): void;
  /** Ends the term and tells the others, so that they need not wait for silence. */
  stop(): Promise<void>;
}

export interface LeaderDeps {
  readonly term: string;
  /** Opens while calls already wait for it. */
  readonly chat: Promise<Chat>;
  readonly clock: Clock;
  post(message: ChannelMessage): void;
  /** The engine's snapshot is there, or changed. */
  onSnapshot(chat: Chat): void;
  /** The engine did not open; until the term ends every call gets the reason. */
  onBroken(error: unknown): void;
}

export function createLeader(deps: LeaderDeps): Leader {
  const { term, clock, post } = deps;
  let opened: Chat | undefined;
  let revision = 0;
  let sent = STARTING;
  let stopped = false;
  let unsubscribe: () => void = () => undefined;
  const pace = createPace(clock, FRAME, publish);

  function publish(): void {
    if (opened === undefined) return;
    const next = opened.snapshot();
    const patch = makePatch(sent, next);
    sent = next;
    if (patch === undefined) return;
    revision += 1;
    post({ kind: 'patch', term, revision, patch });
  }

  function showAll(): void {
    pace.flush();
    if (opened === undefined) post({ kind: 'alive', term, announce: false });
    else post({ kind: 'state', term, revision, snapshot: sent });
  }

  async function open(): Promise<void> {
    const chat = await deps.chat;
    if (stopped) return;
    opened = chat;
    sent = chat.snapshot();
    unsubscribe = chat.subscribe(() => {
      deps.onSnapshot(chat);
      pace.ask();
    });
    deps.onSnapshot(chat);
    showAll();
  }

  async function answer({ tab, id, verb, input }: ChannelMessage & { kind: 'call' }): Promise<void> {
    // Another tab has no business sending a password.
    const result: CallResult = runsHere(verb)
      ? { ok: false, code: 'internal' }
      : await runVerb(deps.chat, verb, input);
    if (stopped) return;
    pace.flush();
    post({ kind: 'result', term, tab, id, result });
  }

  let cancelBeat = clock.after(HEARTBEAT, beat);
  function beat(): void {
    post({ kind: 'alive', term, announce: false });
    cancelBeat = clock.after(HEARTBEAT, beat);
  }

  post({ kind: 'alive', term, announce: true });
  open().catch(deps.onBroken);
  return {
    term,
    run: (verb, input) => runVerb(deps.chat, verb, input),
    receive(message) {
      if (message.kind === 'hello') showAll();
      if (message.kind === 'call' && message.term === term) void answer(message);
    },
    async stop() {
      stopped = true;
      cancelBeat();
      pace.stop();
      unsubscribe();
      await deps.chat.then((chat) => chat.close()).catch(() => undefined);
      post({ kind: 'gone', term });
    },
  };
}
