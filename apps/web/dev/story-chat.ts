import {
  type AlarmView,
  type Chat,
  ChatError,
  type ChatSnapshot,
  type ConversationView,
  type MessageView,
  type PersonView,
  type RelayRowView,
} from '@sotto/core/page';
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

export type StoryName =
  | 'signed-out'
  | 'starting'
  | 'empty'
  | 'story'
  | 'offline'
  | 'alarm'
  | 'tampered'
  | 'account-alarm'
  | 'ended'
  | 'long';

/** A chat that tells a story from memory: no worker, no relay, no cryptography. */
export interface StoryChat extends Chat {
  /** The other side says something. */
  hear(conversation: string, text: string): void;
}

const DIGITS = Array.from({ length: 12 }, (_, place) =>
  String(10_000 + ((place * 48_271 + 7_919) % 89_999)),
).join(' ');

const PEOPLE: readonly PersonView[] = [
  { account: BOB, username: 'bob', verified: true, safetyDigits: DIGITS },
  { account: CAROL, username: 'carol', verified: false, safetyDigits: DIGITS },
  { account: DAVE, username: 'dave', verified: false, safetyDigits: DIGITS },
  { account: ERIN, username: 'caro1', verified: false, safetyDigits: DIGITS },
];

interface Thread {
  readonly view: ConversationView;
  readonly lines: readonly MessageView[];
}

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
  if (story === 'empty' || story === 'signed-out' || story === 'starting') return [];
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
  const bob = story === 'alarm' ? { ...person(BOB), verified: false } : person(BOB);
  return [
    openThread(bob, linesWithBob(now), { blocked, queued: story === 'offline' ? waiting : [] }),
    openThread(person(CAROL), linesWithCarol(now), { unread: 3 }),
    openThread(person(DAVE), linesWithDave(now), { deliveredUpTo: 1 }),
  ];
}

function startOf(story: StoryName, threads: readonly Thread[], now: number): ChatSnapshot {
  const alarm = alarmOf(story, now);
  const signedIn = {
    state: 'signed_in',
    account: ALICE,
    username: 'alice',
    device: '9c027b1e44',
    ready: true,
  } as const;
  const signedOut = { state: story === 'starting' ? 'starting' : 'signed_out' } as const;
  return {
    session: story === 'signed-out' || story === 'starting' ? signedOut : signedIn,
    connection: story === 'offline' ? 'offline' : story === 'ended' ? 'ended' : 'online',
    conversations: threads.map((thread) => thread.view),
    alarms: alarm === undefined ? [] : [alarm],
    storagePersisted: true,
    directory: 'exact',
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

/** A millisecond or so, as a worker would take. */
const reply = () => new Promise<void>((resolve) => setTimeout(resolve, 2));

interface Stage {
  readonly story: StoryName;
  readonly snapshot: () => ChatSnapshot;
  readonly threads: Map<string, Thread>;
  readonly publish: (change: Partial<ChatSnapshot>) => void;
  readonly change: (key: string, update: (thread: Thread) => Thread) => void;
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

type AccountVerbs =
  | 'register'
  | 'signIn'
  | 'signOut'
  | 'findPeople'
  | 'safetyNumber'
  | 'setVerified'
  | 'reconnect';

function accountVerbs({ threads, publish, change }: Stage): Pick<Chat, AccountVerbs> {
  return {
    async register({ username }) {
      await reply();
      if (username === 'bob') throw new ChatError('username_taken');
      publish({
        session: { state: 'signed_in', account: ALICE, username, device: '9c027b1e44', ready: true },
      });
    },
    async signIn({ username, password }) {
      await reply();
      if (password.length < 12) throw new ChatError('wrong_credentials');
      publish({
        session: { state: 'signed_in', account: ALICE, username, device: '9c027b1e44', ready: true },
        connection: 'online',
      });
    },
    async signOut() {
      threads.clear();
      publish({ session: { state: 'signed_out' } });
    },
    async findPeople({ name }) {
      await reply();
      return PEOPLE.filter((found) => found.username.startsWith(name));
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
  const stage: Stage = { story, snapshot: () => snapshot, threads, publish, change };
  return {
    ...accountVerbs(stage),
    ...threadVerbs(stage),
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
