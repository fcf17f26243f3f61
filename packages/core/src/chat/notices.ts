import { encodeHex } from '@sotto/protocol';
import type { AccountRecord } from '../account/account-record.ts';
import {
  type AccountChange,
  type AccountLook,
  type AccountSeen,
  changesBetween,
  isSameSeen,
  lookAt,
} from '../account/activity.ts';
import type { OwnVault } from '../account/own-vault.ts';
import type { Session } from '../account/session.ts';
import type { ChainPins } from '../contacts/chain-pins.ts';
import { collection } from '../store/collections.ts';
import type { SealedStore } from '../store/sealed-store.ts';
import type { AccountNoticeView } from './account-verbs.ts';
import { ChatError } from './chat.ts';
import type { Clock, Random } from './clock.ts';

type NoticeKind = AccountNoticeView['kind'];

const seenAccounts = collection<[], AccountSeen>('account-seen');
const kept = collection<[id: string], AccountNoticeView>('account-notice');

/** Standing notices, at most: a relay that invents sign-ins fills no disk. */
const MOST = 50;
/** A device that signed in stands in the chain a moment later. Milliseconds. */
const CHAIN_MS = 5000;

/** What happened to the account elsewhere, until the person has seen it. */
export interface Notices {
  load(): Promise<void>;
  /** Newest first. */
  list(): readonly AccountNoticeView[];
  /** Compares how the account stands with how it stood. Once more when asked meanwhile. */
  look(): Promise<void>;
  /** Runs what this device does itself to its account: it is not told of it. */
  during<T>(kinds: readonly NoticeKind[], work: () => Promise<T>): Promise<T>;
  /** The same for the sign-in or reset that began this device's session. */
  signedIn(): void;
  dismiss(id: string): Promise<void>;
  stop(): void;
}

export interface NoticesDeps {
  readonly record: AccountRecord;
  readonly session: Session;
  readonly vault: OwnVault;
  readonly pins: ChainPins;
  readonly store: SealedStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly changed: () => void;
  readonly failed: (thrown: unknown) => void;
}

/** The first look after a sign-in on this device takes the account as it is. */
export function createNotices(deps: NoticesDeps): Notices {
  const { record, store, clock, changed } = deps;
  const device = encodeHex(record.device);
  let standing: readonly AccountNoticeView[] = [];
  /** What this device did since the last look, and how much of it still goes on. */
  const mine = new Set<NoticeKind>();
  let busy = 0;
  let again = false;
  let looking: Promise<void> | undefined;
  let cancelLater: (() => void) | undefined;

  async function lookOnce(): Promise<void> {
    const own = new Set(mine);
    const look = await readAccount(deps);
    // What began meanwhile would be taken for somebody else's: looked at again when it is done.
    if (look === undefined || busy > 0) return;
    const before = await store.get(seenAccounts.key());
    const found = before === undefined ? [] : changesBetween(before, look, { device, kinds: own });
    if (before === undefined || !isSameSeen(before, look.seen)) await keep(look.seen, found);
    for (const kind of own) mine.delete(kind);
    cancelLater?.();
    if (found.some((one) => isAhead(one, look))) cancelLater = clock.after(CHAIN_MS, lookSoon);
  }

  async function keep(seen: AccountSeen, found: readonly AccountChange[]): Promise<void> {
    const fresh = found.map((change) => noticeOf(change, deps)).reverse();
    const arrived = new Set(fresh.filter(({ kind }) => kind === 'new_device').map((one) => one.device));
    // The sign-in of a device that has come is told of as the device.
    const others = standing.filter((one) => one.kind !== 'new_sign_in' || !arrived.has(one.device));
    const next = [...fresh, ...others].slice(0, MOST);
    const gone = standing.filter((one) => !next.includes(one));
    await store.step([
      seenAccounts.put([], seen),
      ...gone.map(({ id }) => kept.remove(id)),
      ...next.filter((one) => fresh.includes(one)).map((one) => kept.put([one.id], one)),
    ]);
    standing = next;
    if (fresh.length > 0 || gone.length > 0) changed();
  }

  async function look(): Promise<void> {
    again = true;
    looking ??= (async () => {
      while (again && busy === 0) {
        again = false;
        await lookOnce();
      }
    })().finally(() => {
      looking = undefined;
    });
    await looking;
  }

  function lookSoon(): void {
    look().catch(deps.failed);
  }

  return {
    async load() {
      const found = await store.range(kept.range([]));
      standing = found
        .map(({ value }) => ({ ...value, device: value.device }))
        .sort((a, b) => b.time - a.time);
    },
    list: () => standing,
    look,
    async during(kinds, work) {
      busy += 1;
      for (const kind of kinds) mine.add(kind);
      try {
        return await work();
      } finally {
        busy -= 1;
        lookSoon();
      }
    },
    signedIn: () => void mine.add('new_sign_in'),
    async dismiss(id) {
      await store.step([kept.remove(id)]);
      standing = standing.filter((one) => one.id !== id);
      changed();
    },
    stop() {
      cancelLater?.();
    },
  };
}

/** Undefined when the relay cannot be asked now, or what it gives as the vault is not: nothing is concluded from that. */
async function readAccount({ record, session, vault, pins }: NoticesDeps): Promise<AccountLook | undefined> {
  await pins.refresh(record.account);
  const chain = await pins.pinned(record.account);
  const sessions = await session.call('sessions', {});
  if (chain === undefined || !sessions.ok) return undefined;
  try {
    return lookAt({ chain, sessions: sessions.value, own: await vault.read() });
  } catch (thrown) {
    if (thrown instanceof ChatError) return undefined;
    throw thrown;
  }
}

/** A sign-in of a device that does not stand in the chain: it may be about to. */
function isAhead({ kind, device }: AccountChange, { seen }: AccountLook): boolean {
  return kind === 'new_sign_in' && device !== undefined && !seen.devices.includes(device);
}

function noticeOf(change: AccountChange, { clock, random }: NoticesDeps): AccountNoticeView {
  const { kind, device, time } = change;
  return { id: encodeHex(random(16)), kind, device, time: time ?? clock.now() };
}
