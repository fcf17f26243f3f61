import {
  type AccountNoticeView,
  type AlarmView,
  type Chat,
  ChatError,
  type ChatSnapshot,
  type ConversationView,
  type MessageView,
  type PersonView,
  type RelayRowView,
  type RelayView,
  type SessionView,
} from '@sotto/core/page';
import { accountStory } from './story-account.ts';
import {
  ALICE,
  BOB,
  CAROL,
  DAVE,
  ERIN,
  linesWithBob,
  linesWithCarol,
  linesWithDave,
  longLines,
} from './story-lines.ts';
import { securityStory } from './story-security.ts';
import { reply, type Stage, type StoryName, signedInAs, type Thread } from './story-stage.ts';

export type { StoryName } from './story-stage.ts';

/** A chat that tells a story from memory: no worker, no relay, no cryptography. */
export interface StoryChat extends Chat {
  /** The other side says something. */
  hear(conversation: string, text: string): void;
  /** What the page said, for tests to look at. */
  readonly told: readonly Record<string, unknown>[];
}

const DIGITS = Array.from({ length: 12 }, (_, place) =>
  String(10_000 + ((place * 48_271 + 7_919) % 89_999)),
).join(' ');

const PEOPLE: readonly PersonView[] = [
  { account: BOB, username: 'bob', verified: true, safetyDigits: DIGITS, closed: false },
  { account: CAROL, username: 'carol', verified: false, safetyDigits: DIGITS, closed: false },
  { account: DAVE, username: 'dave', verified: false, safetyDigits: DIGITS, closed: false },
  { account: ERIN, username: 'caro1', verified: false, safetyDigits: DIGITS, closed: false },
];

function openThread(
  peer: PersonView,
  lines: readonly MessageView[],
  change: Partial<ConversationView> = {},
): Thread {
  return {
    lines,
    view: {
      key: peer.account,
      kind: 'direct',
      peer,
      total: lines.length,
      unread: 0,
      queued: [],
      last: lines.at(-1),
      deliveredUpTo: lines.length - 2,
      blocked: false,
      revision: 0,
      ...change,
    },
  };
}

function person(account: string): PersonView {
  const found = PEOPLE.find((candidate) => candidate.account === account);
  if (found === undefined) throw new ChatError('not_found');
  return found;
}

function alarmOf(story: StoryName, now: number): AlarmView | undefined {
  const base = { id: 'a1', account: BOB, time: now };
  if (story === 'alarm') {
    return { ...base, kind: 'identity_changed', conversation: BOB, actions: ['accept_identity', 'dismiss'] };
  }
  if (story === 'tampered') {
    return { ...base, kind: 'transcript_mismatch', conversation: BOB, actions: ['start_over', 'dismiss'] };
  }
  if (story === 'account-alarm') {
    return { ...base, account: ALICE, kind: 'chain_forked', conversation: undefined, actions: ['dismiss'] };
  }
  return undefined;
}

function threadsOf(story: StoryName, now: number): Thread[] {
  if (story === 'empty' || story === 'starting' || SIGNED_OUT.includes(story)) return [];
  if (story === 'long') return [openThread(person(BOB), longLines(10_000, now))];
  const waiting = ['On my way now', 'Can you hear me down there?'].map(
    (text, place): MessageView => ({
      id: `ff${place}`.padStart(32, '0'),
      index: undefined,
      kind: 'text',
      mine: true,
      sender: ALICE,
      text,
      time: now,
      state: 'queued',
    }),
  );
  const blocked = story === 'alarm' || story === 'tampered';
  const bob = {
    ...person(BOB),
    ...(story === 'alarm' ? { verified: false } : {}),
    closed: story === 'deleted-contact',
  };
  return [
    openThread(bob, linesWithBob(now), { blocked, queued: story === 'offline' ? waiting : [] }),
    openThread(person(CAROL), linesWithCarol(now), { unread: 3 }),
    openThread(person(DAVE), linesWithDave(now), { deliveredUpTo: 1 }),
  ];
}

const SIGNED_OUT: readonly StoryName[] = [
  'signed-out',
  'with-mail',
  'mail-required',
  'invite-only',
  'closed',
];

function sessionOf(story: StoryName): SessionView {
  if (SIGNED_OUT.includes(story)) return { state: 'signed_out' };
  if (story === 'starting') return { state: 'starting' };
  if (story === 'locked') return { state: 'locked', passkeys: ['c3RvcnktcGFzc2tleQ'] };
  const session = signedInAs(story === 'ended-factors' ? 'carol' : 'alice', story === 'shared');
  return story === 'app-lock' ? { ...session, lockMinutes: 5 } : session;
}

function relayOf(story: StoryName): RelayView | undefined {
  if (story === 'starting' || story === 'locked') return undefined;
  return {
    directory: 'exact',
    registration: story === 'closed' ? 'closed' : story === 'invite-only' ? 'invite' : 'open',
    mail: story !== 'signed-out',
    emailRequired: story === 'mail-required',
  };
}

function noticesOf(story: StoryName, now: number): AccountNoticeView[] {
  if (story !== 'notices') return [];
  const device = '77b3e0aa12';
  return [
    { id: 'n1', kind: 'new_sign_in', device, time: now - 60_000 },
    { id: 'n2', kind: 'factors_changed', device: undefined, time: now - 3_600_000 },
  ];
}

function startOf(story: StoryName, threads: readonly Thread[], now: number): ChatSnapshot {
  const alarm = alarmOf(story, now);
  const ended = story === 'ended' || story === 'ended-factors';
  return {
    session: sessionOf(story),
    connection: story === 'offline' ? 'offline' : ended ? 'ended' : 'online',
    conversations: threads.map((thread) => thread.view),
    alarms: alarm === undefined ? [] : [alarm],
    storagePersisted: true,
    notices: noticesOf(story, now),
    relay: relayOf(story),
  };
}

function relayRow(line: MessageView, seq: number): RelayRowView {
  const size = 512;
  let state = seq * 2_654_435_761;
  const body = Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 24;
  });
  body.set([0, 1, 0, 2, 32]);
  const meaning = line.kind === 'text' ? line.text : undefined;
  const kind = line.kind === 'notice' ? 'commit' : 'message';
  return { seq, time: line.time, id: line.id, epoch: 1 + Math.floor(seq / 10), kind, body, meaning };
}

function say(thread: Thread, said: Pick<MessageView, 'id' | 'mine' | 'text'>): Thread {
  const { view, lines } = thread;
  const line: MessageView = {
    ...said,
    index: lines.length,
    kind: 'text',
    sender: said.mine ? ALICE : view.peer.account,
    time: Date.now(),
    state: said.mine ? 'sent' : 'received',
  };
  const queued = view.queued.filter((waiting) => waiting.id !== said.id);
  const unread = view.unread + (said.mine ? 0 : 1);
  return { lines: [...lines, line], view: { ...view, queued, unread, last: line, total: lines.length + 1 } };
}

function wait(thread: Thread, id: string, text: string): Thread {
  const { view, lines } = thread;
  const waiting: MessageView = {
    id,
    index: undefined,
    kind: 'text',
    mine: true,
    sender: ALICE,
    text,
    time: Date.now(),
    state: 'queued',
  };
  return { lines, view: { ...view, queued: [...view.queued, waiting] } };
}

type PersonVerbs = 'signOut' | 'findPeople' | 'safetyNumber' | 'setVerified' | 'reconnect';

function personVerbs({ threads, publish, change }: Stage): Pick<Chat, PersonVerbs> {
  return {
    async signOut() {
      threads.clear();
      publish({ session: { state: 'signed_out' } });
    },
    async findPeople({ name }) {
      await reply();
      const met = [...threads.values()].map(({ view }) => view.peer);
      const known = PEOPLE.map((one) => met.find(({ account }) => account === one.account) ?? one);
      return known.filter((found) => found.username.startsWith(name));
    },
    async safetyNumber({ account }) {
      await reply();
      const qr = Uint8Array.from({ length: 64 }, (_, place) => (place * 37 + 11) % 256);
      return { account, digits: DIGITS, qr, verified: person(account).verified };
    },
    async setVerified({ account, verified }) {
      change(account, ({ view, lines }) => ({ lines, view: { ...view, peer: { ...view.peer, verified } } }));
    },
    async reconnect() {
      await reply();
      publish({ connection: 'online' });
    },
  };
}

type ThreadVerbs = 'openDirect' | 'sendMessage' | 'readMessages' | 'markRead' | 'relayView' | 'resolveAlarm';

function threadVerbs({ story, threads, publish, change }: Stage): Pick<Chat, ThreadVerbs> {
  return {
    async openDirect({ account }) {
      if (!threads.has(account)) threads.set(account, openThread(person(account), []));
      publish({});
      return account;
    },
    async sendMessage({ conversation, id, text }) {
      await reply();
      if (text === 'full') throw new ChatError('storage_full');
      change(conversation, (thread) => wait(thread, id, text));
      if (story === 'offline') return;
      setTimeout(() => change(conversation, (thread) => say(thread, { id, mine: true, text })), 60);
      setTimeout(
        () =>
          change(conversation, ({ view, lines }) => ({
            lines,
            view: { ...view, deliveredUpTo: lines.length - 1 },
          })),
        400,
      );
    },
    async readMessages({ conversation, from, count }) {
      await reply();
      return threads.get(conversation)?.lines.slice(from, from + count) ?? [];
    },
    async markRead({ conversation }) {
      change(conversation, ({ view, lines }) => ({ lines, view: { ...view, unread: 0 } }));
    },
    async relayView({ conversation, before, count }) {
      await reply();
      const lines = threads.get(conversation)?.lines ?? [];
      const end = before === undefined ? lines.length : before - 1;
      const start = Math.max(0, end - count);
      return lines
        .slice(start, end)
        .map((line, place) => relayRow(line, start + place + 1))
        .reverse();
    },
    async resolveAlarm() {
      for (const [key, { view, lines }] of threads)
        threads.set(key, { lines, view: { ...view, blocked: false } });
      publish({ alarms: [] });
    },
  };
}

export function createStoryChat(story: StoryName, now: number = Date.now()): StoryChat {
  const listeners = new Set<() => void>();
  const threads = new Map(threadsOf(story, now).map((thread) => [thread.view.key, thread]));
  let snapshot = startOf(story, [...threads.values()], now);
  const publish = (change: Partial<ChatSnapshot>) => {
    const conversations = [...threads.values()].map((thread) => thread.view);
    snapshot = { ...snapshot, conversations, ...change };
    for (const listener of listeners) listener();
  };
  const change = (key: string, update: (thread: Thread) => Thread) => {
    const thread = threads.get(key);
    if (thread === undefined) throw new ChatError('not_found');
    threads.set(key, update(thread));
    publish({});
  };
  const told: Record<string, unknown>[] = [];
  const stage: Stage = { story, snapshot: () => snapshot, threads, told, publish, change };
  return {
    ...accountStory(stage),
    ...securityStory(stage),
    ...personVerbs(stage),
    ...threadVerbs(stage),
    told,
    snapshot: stage.snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {},
    hear: (key, text) =>
      change(key, (thread) =>
        say(thread, { id: crypto.randomUUID().replaceAll('-', ''), mine: false, text }),
      ),
  };
}
