import { encodeHex } from '@sotto/protocol';
import { type AccountRecord, deviceIdentity } from '../account/account-record.ts';
import { createKeyPackageSupply, type KeyPackageSupply } from '../account/key-packages.ts';
import { createOwnVault, type OwnVault } from '../account/own-vault.ts';
import { createSession, type Session } from '../account/session.ts';
import { createAuthentication } from '../contacts/authentication.ts';
import { type ChainPins, createChainPins } from '../contacts/chain-pins.ts';
import { type Contacts, createContacts } from '../contacts/contacts.ts';
import { type Conversations, loadConversations } from '../conversation/conversations.ts';
import { createMls } from '../mls/mls.ts';
import type { SealedStore } from '../store/sealed-store.ts';
import { type Alarms, createAlarms } from './alarms.ts';
import type { AlarmKind } from './chat.ts';
import { type Connection, createConnection } from './connection.ts';
import type { ChatDeps } from './deps.ts';
import { createNotices, type Notices } from './notices.ts';

/** How often chains of the people one talks with are read again. */
const REVIEW_MS = 10 * 60_000;
const TOP_UP_RETRY_MS = 15_000;
/** How often the age of the KeyPackages is looked at. */
const TOP_UP_MS = 24 * 3600 * 1000;

/** Everything that runs for one signed-in device. */
export interface Engine {
  readonly record: AccountRecord;
  readonly session: Session;
  readonly vault: OwnVault;
  readonly pins: ChainPins;
  readonly contacts: Contacts;
  readonly alarms: Alarms;
  readonly notices: Notices;
  readonly conversations: Conversations;
  readonly connection: Connection;
  /** Whether this device's KeyPackages are published. */
  ready(): boolean;
  stop(): void;
}

/** Wires the pieces for one account; nothing runs before `connection.start`. */
export async function createEngine(
  deps: ChatDeps,
  store: SealedStore,
  record: AccountRecord,
  events: { readonly changed: () => void; readonly failed: (thrown: unknown) => void },
): Promise<Engine> {
  const { http, link, clock, random } = deps;
  const { changed, failed } = events;
  const identity = deviceIdentity(record);
  const session = createSession({ http, clock, account: record.account });
  const alarms = createAlarms({ store, clock, random, changed });
  await alarms.load();
  const raise = (kind: AlarmKind, account: Uint8Array) => {
    const own = encodeHex(account) === encodeHex(record.account);
    return alarms.raise(kind, { account, conversation: own ? undefined : encodeHex(account) });
  };
  const pins = createChainPins({ session, store, raise });
  const vault = createOwnVault({ origin: http.origin, record, session, store, pins, random });
  const notices = createNotices({ record, session, vault, pins, store, clock, random, changed, failed });
  await notices.load();
  const lookAtAccount = () => void notices.look().catch(failed);
  const authentication = createAuthentication(pins);
  const mls = await createMls({ authentication, clock: clock.now, random });
  const supply = createKeyPackageSupply({ mls, identity, session, store, clock, published: changed });
  const contacts = createContacts({ own: record.account, session, store, pins });
  let online = false;
  let stopped = false;
  const parts = { store, mls, identity, link, session, clock, random, pins, authentication, alarms };
  const conversations = await loadConversations(
    { ...parts, isOnline: () => online, changed, failed },
    supply,
    contacts.meetUnknown,
  );
  const ownChanged = () => {
    changed();
    lookAtAccount();
  };
  const upkeep = createUpkeep({ deps, record, pins, supply, conversations, changed, ownChanged, failed });
  const connection = createConnection({
    link,
    session,
    clock,
    random,
    events: {
      up() {
        online = true;
        void conversations.inbox.readOn();
        conversations.connected();
        upkeep.start();
        lookAtAccount();
      },
      down() {
        online = false;
        conversations.disconnected();
        upkeep.stop();
      },
      changed,
    },
  });
  link.onNotice((name, notice) => {
    if (name === 'log:entries' && 'log' in notice) conversations.offer(notice.log, notice.run);
    else if (name === 'inbox:items') void conversations.inbox.readOn();
    else if (name === 'keys:low') upkeep.topUp();
    else if (name === 'account:changed') lookAtAccount();
    else if (name === 'session:ended') connection.end();
  });
  return {
    record,
    session,
    vault,
    pins,
    contacts,
    alarms,
    notices,
    conversations,
    connection,
    ready: supply.isReachable,
    stop() {
      // What an earlier engine left unfinished fails late, and must not cut off the one after it.
      if (stopped) return;
      stopped = true;
      online = false;
      upkeep.stop();
      notices.stop();
      connection.stop();
      link.onNotice(() => undefined);
      link.onDown(() => undefined);
    },
  };
}

/** What is looked after while online: KeyPackages, and the chains of the people one talks with. */
function createUpkeep(of: {
  readonly deps: ChatDeps;
  readonly record: AccountRecord;
  readonly pins: ChainPins;
  readonly supply: KeyPackageSupply;
  readonly conversations: Conversations;
  readonly changed: () => void;
  /** The own account's chain went on. */
  readonly ownChanged: () => void;
  readonly failed: (thrown: unknown) => void;
}) {
  const { deps, record, pins, supply, conversations, changed, ownChanged, failed } = of;
  let running = false;
  let cancelReview: (() => void) | undefined;
  let cancelTopUp: (() => void) | undefined;

  async function supplyKeys(): Promise<void> {
    if (!running) return;
    const done = await supply.topUp();
    changed();
    cancelTopUp?.();
    if (running) cancelTopUp = deps.clock.after(done ? TOP_UP_MS : TOP_UP_RETRY_MS, topUp);
  }

  function topUp(): void {
    supplyKeys().catch(failed);
  }

  async function review(): Promise<void> {
    if (!running) return;
    // Live delivery is a hint: what no hint told of is found here at the latest.
    void conversations.inbox.readOn();
    const own = await pins.refresh(record.account);
    if (own === 'changed') ownChanged();
    for (const thread of conversations.list()) {
      const seen = await pins.refresh(thread.peer);
      if (seen === 'changed') changed();
      thread.connected();
    }
    if (running) cancelReview = deps.clock.after(REVIEW_MS, () => void review().catch(failed));
  }

  return {
    topUp,
    start() {
      running = true;
      cancelReview?.();
      topUp();
      review().catch(failed);
    },
    stop() {
      running = false;
      cancelReview?.();
      cancelTopUp?.();
    },
  };
}
