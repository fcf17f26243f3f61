import { sha256 } from '@noble/hashes/sha2.js';
import { decodeInboxRun, encodeHex, equalBytes, type InboxItem } from '@sotto/protocol';
import { type KeyPackageSupply, keyPackages } from '../account/key-packages.ts';
import type { MlsGroup } from '../mls/door.ts';
import type { SealedWrite } from '../store/collections.ts';
import type { ConversationDeps } from './deps.ts';
import { type LogState, newLogState } from './log-state.ts';
import { deviceName, noticeLine } from './receive.ts';
import { heldWelcomes, type LineRecord } from './records.ts';

/** Welcomes kept whose members could not be believed. */
const HELD_MOST = 32;

/** A log that a Welcome opened, and what must be on disk together with it. */
export interface Joined {
  readonly peer: Uint8Array;
  readonly state: LogState;
  readonly notices: readonly LineRecord[];
  readonly writes: readonly SealedWrite[];
}

/** Reads this device's inbox. Any signed-in account may put anything into it. */
export interface Inbox {
  /** Processes what waits; trims it at the relay only once it is on disk. Single flight. */
  readOn(): Promise<void>;
  /** Tries Welcomes again whose members could not be believed: a contact's new identity was accepted. */
  retryHeld(): Promise<void>;
}

/** @param take puts a joined log into its thread; resolves when it is on disk. */
export function createInbox(
  deps: ConversationDeps,
  supply: KeyPackageSupply,
  knowsLog: (hex: string) => boolean,
  take: (joined: Joined) => Promise<void>,
): Inbox {
  let reading: Promise<void> | undefined;
  let again = false;

  async function readAll(): Promise<void> {
    let after = 0;
    for (;;) {
      const items = await readFrom(deps, after);
      const last = items.at(-1);
      if (last === undefined || !(await receiveAll(items))) return;
      await deps.link.request('inbox:trim', { upTo: last.seq });
      after = last.seq;
    }
  }

  /** False when one was put off, a chain being out of reach, which is no verdict: it stays where it is. */
  async function receiveAll(items: readonly InboxItem[]): Promise<boolean> {
    for (const item of items) if ((await receiveWelcome(item.body)) === 'put_off') return false;
    return true;
  }

  /** `dropped`: spam, a replay, or a conversation that is none of ours. Nothing of it is kept. */
  async function receiveWelcome(body: Uint8Array): Promise<'joined' | 'held' | 'dropped' | 'put_off'> {
    const asked = deps.authentication.unavailable();
    const joined = await join(body);
    if (deps.authentication.unavailable() !== asked) return 'put_off';
    if (!joined.ok && joined.reason === 'bad_credential') {
      return await hold(body);
    }
    if (!joined.ok) return 'dropped';
    const peer = peerOf(joined.group, deps.identity.account);
    const hex = encodeHex(joined.group.groupId);
    if (peer === undefined || knowsLog(hex)) return 'dropped';
    const writes = joined.lastResort ? [] : [keyPackages.remove(encodeHex(joined.ref))];
    const state = joinedState(joined.group, encodeHex(peer), deps.clock.now());
    await take({ peer, state, notices: noticesOf(deps, joined.group), writes });
    return 'joined';
  }

  /** Anybody can make these, and each may be large: no more are kept than honest contacts with a new identity need. */
  async function hold(body: Uint8Array): Promise<'held' | 'dropped'> {
    const digest = encodeHex(sha256(body));
    const held = await deps.store.range(heldWelcomes.range([], { limit: HELD_MOST }));
    const isHeld = held.some(({ key }) => key[1] === digest);
    if (!isHeld && held.length >= HELD_MOST) return 'dropped';
    if (!isHeld) await deps.store.step([heldWelcomes.put([digest], body.slice())]);
    return 'held';
  }

  async function join(body: Uint8Array): ReturnType<ConversationDeps['mls']['joinGroup']> {
    try {
      return await deps.mls.joinGroup(deps.identity, body, supply.find);
    } catch (thrown) {
      if (thrown instanceof Error && thrown.name === 'AuthenticationUnavailable')
        return { ok: false, reason: 'bad_credential' };
      throw thrown;
    }
  }

  return {
    async readOn() {
      again = true;
      reading ??= (async () => {
        while (again) {
          again = false;
          await readAll();
        }
      })()
        .catch(deps.failed)
        .finally(() => {
          reading = undefined;
        });
      await reading;
    },
    async retryHeld() {
      for (const { key, value } of await deps.store.range(heldWelcomes.range([]))) {
        const outcome = await receiveWelcome(value);
        if (outcome === 'put_off') return;
        if (outcome !== 'held') await deps.store.step([heldWelcomes.remove(String(key[1]))]);
      }
    },
  };
}

async function readFrom(deps: ConversationDeps, after: number): Promise<readonly InboxItem[]> {
  if (!deps.isOnline()) return [];
  const answer = await deps.link.request('inbox:read', { after });
  return (answer.ok ? decodeInboxRun(answer.run) : undefined) ?? [];
}

/** The other account of a direct conversation with us; undefined when it is no such conversation, or nobody else is in it. */
function peerOf(group: MlsGroup, own: Uint8Array): Uint8Array | undefined {
  const { kind, accounts } = group.settings;
  if (kind !== 'direct' || accounts.length !== 2) return undefined;
  const peer = accounts.find((account) => !equalBytes(account, own));
  if (peer === undefined || !accounts.some((account) => equalBytes(account, own))) return undefined;
  const belongs = group
    .members()
    .every(({ account }) => equalBytes(account, own) || equalBytes(account, peer));
  const isThere = group.members().some(({ account }) => equalBytes(account, peer));
  return belongs && isThere ? peer : undefined;
}

/** `updatedAt` 0: an update of our own is due at once, so that the KeyPackage's keys do not last (design §7). */
function joinedState(group: MlsGroup, thread: string, now: number): LogState {
  const fresh = newLogState(group.groupId, thread, now);
  return { ...fresh, group, record: { ...fresh.record, updatedAt: 0 } };
}

/** Who is in a conversation that this device joins: a line for each device of the other account. */
function noticesOf(deps: ConversationDeps, group: MlsGroup): LineRecord[] {
  const others = group.members().filter(({ account }) => !equalBytes(account, deps.identity.account));
  return others.map((member, i) => {
    const at = { id: group.groupId.slice(0, 16) as never, time: deps.clock.now(), seq: 0 };
    return noticeLine(group.groupId, at, member.account, `is here with ${deviceName(member)}`, i);
  });
}
