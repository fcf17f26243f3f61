import { decodeHex, encodeHex, username as usernameShape } from '@sotto/protocol';
import { loadAccount } from '../account/account-record.ts';
import { type Enrolled, registerAccount, signInAccount } from '../account/enroll.ts';
import { leaveAccount } from '../account/leave.ts';
import { createPasswordProtocol } from '../account/password.ts';
import { AuthenticationUnavailable } from '../contacts/authentication.ts';
import { TEXT_LIMIT, textSize } from '../content/content.ts';
import { readRelayRows } from '../conversation/relay-rows.ts';
import type { Thread } from '../conversation/thread.ts';
import type { RelayLink } from '../link/relay-link.ts';
import { StoreError } from '../store/record-store.ts';
import { createSealedStore, type SealedStore } from '../store/sealed-store.ts';
import { type Chat, ChatError, type Verbs } from './chat.ts';
import type { ChatDeps } from './deps.ts';
import { createEngine, type Engine } from './engine.ts';
import { errorOfThrown } from './refusals.ts';
import { createShow } from './show.ts';

/** The whole client on these deps. Resolves once the stored state is shown; connecting goes on behind it. */
export async function createChat(deps: ChatDeps): Promise<Chat> {
  const runtime = createRuntime(deps);
  await runtime.start();
  const verbs = guardVerbs(createVerbs(deps, runtime));
  return {
    ...verbs,
    snapshot: runtime.snapshot,
    subscribe: runtime.subscribe,
    close: runtime.close,
  };
}

/** The one mutable thing: which engine runs on which store. */
interface Runtime {
  start(): Promise<void>;
  close(): Promise<void>;
  store(): SealedStore;
  /** Throws `not_signed_in`. */
  engine(): Engine;
  running(): Engine | undefined;
  /** Takes up an enrolled device and connects. */
  takeUp(enrolled: Enrolled): Promise<void>;
  /** Stops the engine, erases the store and opens an empty one. */
  wipe(): Promise<void>;
  changed(): void;
  snapshot: Chat['snapshot'];
  subscribe: Chat['subscribe'];
}

function createRuntime(deps: ChatDeps): Runtime {
  const more = {
    starting: true,
    storagePersisted: false,
    directory: undefined as 'exact' | 'open' | undefined,
  };
  let store: SealedStore | undefined;
  let engine: Engine | undefined;
  const show = createShow({ clock: deps.clock, engine: () => engine, more: () => more, failed });
  const { changed, refresh } = show;

  /** A store that is fenced or closed belongs to another engine now: this one must not go on. */
  function failed(thrown: unknown): void {
    // A chain out of reach: what asked for it is looked at again when the connection is back.
    if (thrown instanceof AuthenticationUnavailable) return;
    if (!(thrown instanceof StoreError)) deps.report?.(thrown);
    else if (thrown.code !== 'quota') engine?.stop();
  }

  async function askRelay(): Promise<void> {
    const about = await deps.http.call('about', {});
    if (about.ok) more.directory = about.value.directory;
    changed();
  }

  async function openStore(): Promise<void> {
    store = await createSealedStore(await deps.openRecords(), deps.random, deps.clock);
  }

  const runtime: Runtime = {
    async start() {
      await openStore();
      const record = await loadAccount(runtime.store());
      if (record?.state === 'active') {
        engine = await createEngine(deps, runtime.store(), record, { changed, failed });
        engine.connection.start();
      }
      more.storagePersisted = await deps.persistStorage().catch(() => false);
      more.starting = false;
      void askRelay().catch(() => undefined);
      await refresh();
    },
    async close() {
      engine?.stop();
      await store?.close();
    },
    store() {
      if (store === undefined) throw new ChatError('internal');
      return store;
    },
    engine() {
      if (engine === undefined) throw new ChatError('not_signed_in');
      return engine;
    },
    running: () => engine,
    async takeUp({ record, session }) {
      engine?.stop();
      engine = await createEngine(deps, runtime.store(), record, { changed, failed });
      engine.session.adopt(session);
      engine.connection.start();
      await refresh();
    },
    async wipe() {
      engine?.stop();
      engine = undefined;
      await runtime.store().wipe();
      await openStore();
      await refresh();
    },
    changed,
    snapshot: show.snapshot,
    subscribe: show.subscribe,
  };
  return runtime;
}

function createVerbs(deps: ChatDeps, runtime: Runtime): Verbs {
  const enrollDeps = async () => ({
    http: deps.http,
    store: runtime.store(),
    random: deps.random,
    passwords: await createPasswordProtocol(deps.http.origin),
  });
  return {
    async register(input) {
      if (runtime.running() !== undefined) throw new ChatError('blocked');
      await runtime.takeUp(await registerAccount(await enrollDeps(), input));
    },
    async signIn(input) {
      if (runtime.running()?.connection.state() === 'online') throw new ChatError('blocked');
      await runtime.takeUp(await signInAccount(await enrollDeps(), input));
    },
    async signOut() {
      const { record, session, pins } = runtime.engine();
      await leaveAccount({ record, session, pins });
      await runtime.wipe();
    },
    ...personVerbs(runtime),
    ...conversationVerbs(deps.link, runtime),
    async reconnect() {
      runtime.running()?.connection.reconnect();
    },
  };
}

function personVerbs(runtime: Runtime) {
  const { engine, changed } = runtime;
  return {
    async findPeople({ name }) {
      const text = name.trim().toLowerCase();
      if (text === '') return await engine().contacts.list();
      return usernameShape.safeParse(text).success ? await engine().contacts.find(text) : [];
    },
    async openDirect({ account, username }) {
      const { contacts, conversations, record } = engine();
      const peer = decodeHex(account);
      if (peer?.length !== 16 || account === encodeHex(record.account)) throw new ChatError('not_found');
      await contacts.meet(peer, username);
      return (await conversations.open(peer)).key;
    },
    safetyNumber: ({ account }) => engine().contacts.safetyNumber(account),
    async setVerified({ account, verified }) {
      await engine().contacts.setVerified(account, verified);
      changed();
    },
    async resolveAlarm({ alarm, action }) {
      await resolveAlarm(engine(), alarm, action);
      changed();
    },
  } satisfies Partial<Verbs>;
}

/** What the person decided about an alarm. One that is gone is resolved already. */
async function resolveAlarm(
  { alarms, pins, conversations }: Engine,
  id: string,
  action: Parameters<Verbs['resolveAlarm']>[0]['action'],
): Promise<void> {
  const found = alarms.find(id);
  if (found === undefined) return;
  if (!found.actions.includes(action)) throw new ChatError('blocked');
  const account = decodeHex(found.account ?? '');
  const thread = conversations.find(found.conversation ?? '');
  if (action === 'accept_identity' && account !== undefined) await pins.acceptReset(account);
  if (action === 'dismiss' && found.kind === 'identity_changed' && account !== undefined)
    await pins.refuseReset(account);
  if (action === 'start_over') await thread?.startOver();
  await alarms.remove(id);
  if (action === 'accept_identity') await conversations.inbox.retryHeld();
  thread?.review();
}

function conversationVerbs(link: RelayLink, runtime: Runtime) {
  const { engine } = runtime;
  const threadOf = (key: string): Thread => {
    const thread = engine().conversations.find(key);
    if (thread === undefined) throw new ChatError('not_found');
    return thread;
  };
  return {
    async sendMessage({ conversation, id, text }) {
      const thread = threadOf(conversation);
      const entry = decodeHex(id);
      if (entry?.length !== 16) throw new ChatError('internal');
      if (text.trim() === '') throw new ChatError('message_empty');
      const whole = text.toWellFormed();
      if (textSize(whole) > TEXT_LIMIT) throw new ChatError('message_too_long');
      if (engine().alarms.isBlocked(conversation)) throw new ChatError('blocked');
      await thread.send(entry, whole);
    },
    async readMessages({ conversation, from, count }) {
      return await threadOf(conversation).read(from, count);
    },
    async markRead({ conversation, index }) {
      await threadOf(conversation).markRead(index);
    },
    async relayView({ conversation, before, count }) {
      return await readRelayRows(link, threadOf(conversation), { before, count });
    },
  } satisfies Partial<Verbs>;
}

/** Verbs reject with ChatError and nothing else. */
function guardVerbs(verbs: Verbs): Verbs {
  const guarded = Object.entries(verbs).map(([name, verb]) => [
    name,
    async (input: never) => {
      try {
        return await (verb as (input: never) => Promise<unknown>)(input);
      } catch (thrown) {
        throw errorOfThrown(thrown);
      }
    },
  ]);
  return Object.fromEntries(guarded) as Verbs;
}
