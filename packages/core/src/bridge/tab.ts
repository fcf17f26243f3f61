import { encodeHex } from '@sotto/protocol';
import type { Chat, ChatSnapshot } from '../chat/chat.ts';
import type { Clock, Random } from '../chat/clock.ts';
import { createCandidacy } from './candidacy.ts';
import { type ChannelMessage, readChannelMessage } from './channel-messages.ts';
import { createFollower } from './follower.ts';
import type { ChatSource } from './host.ts';
import { createLeader, type Leader } from './leader.ts';
import { type CallResult, STARTING } from './messages.ts';
import { createPendingCalls, type PendingCall, runsHere } from './pending-calls.ts';
import { readResult } from './run-verb.ts';
import type { EngineLock, TabChannel } from './tab-ports.ts';

/** How long a tab whose engine did not open waits before it tries again, in milliseconds. */
const REOPEN = 5000;
/** How long a fault of the engine is held back, to see whether it comes of a take-over. Milliseconds. */
const DOUBT = 200;

export interface TabDeps {
  readonly lock: EngineLock;
  readonly channel: TabChannel;
  readonly clock: Clock;
  readonly random: Random;
  /** Opens the engine on the device's store, which fences off every engine opened before. */
  openChat(): Promise<Chat>;
  /** The engine did not open: for whoever looks at the program, not at the chat. */
  onFault(error: unknown): void;
}

/** `leads`: whether this tab runs the engine. */
export interface Tab extends ChatSource {
  leads(): boolean;
}

/**
 * One tab of the profile. All tabs wait for one lock; who has it runs the engine, the others show what it shows and
 * pass their calls to it. When the leader closes, the next in line opens the engine from the store and unanswered calls
 * are asked again; when it freezes, a follower takes the lock from it, and the store's fence stops it should it wake.
 */
export function createTab(deps: TabDeps): Tab {
  const tab = encodeHex(deps.random(8));
  const listeners = new Set<() => void>();
  let snapshot: ChatSnapshot = STARTING;
  const roles = createRoles(deps, tab, (next) => {
    snapshot = next;
    for (const listener of [...listeners]) listener();
  });
  return {
    leads: roles.leads,
    snapshot: () => snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    call: roles.call,
    close: roles.close,
  };
}

function createRoles(
  deps: TabDeps,
  tab: string,
  show: (snapshot: ChatSnapshot) => void,
): Pick<Tab, 'leads' | 'call' | 'close'> {
  const { clock, channel } = deps;
  const pending = createPendingCalls();
  const post = (message: ChannelMessage) => channel.post(message);
  let leader: Leader | undefined;
  let closed = false;
  const candidacy = createCandidacy(deps.lock, { lead, lost: stepDown });
  const follower = createFollower({
    tab,
    clock,
    post,
    onSnapshot: show,
    onResult: (id, result) => pending.finish(id, (verb) => readResult(verb, result)),
    onTerm: askAgain,
    onSilence: candidacy.seize,
  });

  function ask({ id, verb, input }: PendingCall): void {
    const current = leader;
    const term = follower.term();
    if (current !== undefined) {
      // What an engine says that was stopped meanwhile counts for nothing: the next one is asked.
      const finish = (result: CallResult) =>
        leader === current ? pending.finish(id, () => result) : undefined;
      void current.run(verb, input).then((result) => {
        // A store that was fenced shows as `internal` before the lock says that it is lost.
        if (result.ok || result.code !== 'internal') finish(result);
        else clock.after(DOUBT, () => finish(result));
      });
    } else if (runsHere(verb)) candidacy.seize();
    else if (term !== undefined) post({ kind: 'call', term, tab, id, verb, input });
  }

  function askAgain(): void {
    for (const call of pending.all()) ask(call);
  }

  function lead(): void {
    follower.stop();
    leader = createLeader({
      term: encodeHex(deps.random(8)),
      chat: deps.openChat(),
      clock,
      post,
      onSnapshot: (chat) => show(chat.snapshot()),
      onBroken(error) {
        deps.onFault(error);
        clock.after(REOPEN, startOver);
      },
    });
    askAgain();
  }

  /** Another tab took over: nothing of this engine reaches the disk any more. */
  function stepDown(): void {
    // A password is not used twice unseen: what waits for one ends here.
    for (const { id, verb } of pending.all())
      if (runsHere(verb)) pending.finish(id, () => ({ ok: false, code: 'internal' }));
    startOver();
  }

  function startOver(): void {
    if (closed) return;
    void leader?.stop();
    leader = undefined;
    candidacy.withdraw();
    follower.start();
    candidacy.standInLine();
  }

  channel.onMessage((raw) => {
    const message = readChannelMessage(raw);
    if (message === undefined || closed) return;
    if (leader === undefined) follower.receive(message);
    else leader.receive(message);
  });
  follower.start();
  candidacy.standInLine();

  return {
    leads: () => leader !== undefined,
    call(verb, input) {
      const { call, result } = pending.add(verb, input);
      ask(call);
      return result;
    },
    async close() {
      closed = true;
      follower.stop();
      await leader?.stop();
      leader = undefined;
      candidacy.withdraw();
      channel.close();
    },
  };
}
