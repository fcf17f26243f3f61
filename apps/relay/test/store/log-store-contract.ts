import { createHash } from 'node:crypto';
import type { AccessToken, AccountId, DeviceId, EntryId, LogId, TokenHash } from '@sotto/protocol';
import { LIMITS } from '@sotto/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InboxStore } from '../../src/store/inbox-store.ts';
import type { AppendCommit, AppendMessage, LogStore } from '../../src/store/log-store.ts';

export interface Stores {
  readonly logs: LogStore;
  readonly inboxes: InboxStore;
}

export function filled(length: number, byte: number): Uint8Array {
  return new Uint8Array(length).fill(byte);
}

export function hashOf(token: Uint8Array): TokenHash {
  return new Uint8Array(createHash('sha256').update(token).digest()) as TokenHash;
}

export const tokenOf = (epoch: number) => filled(32, 100 + epoch) as AccessToken;
export const FAMILY = filled(32, 1) as LogId;
const id = (n: number) => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(12, n);
  return bytes as EntryId;
};
export const BOB = { account: filled(16, 2) as AccountId, device: filled(16, 3) as DeviceId };
const CAROL = { account: filled(16, 4) as AccountId, device: filled(16, 5) as DeviceId };
export const NOON = 20_000 * 24 * 3600 * 1000;
const DAY = 24 * 3600 * 1000;

export function message(n: number, more: Partial<AppendMessage> = {}): AppendMessage {
  const epoch = more.epoch ?? 0;
  const body = filled(20, n);
  return { log: FAMILY, shownHash: hashOf(tokenOf(epoch)), id: id(n), epoch, body, now: NOON, ...more };
}

export function commit(n: number, epoch: number, more: Partial<AppendCommit> = {}): AppendCommit {
  return { ...message(n, { epoch }), nextTokenHash: hashOf(tokenOf(epoch + 1)), deliveries: [], ...more };
}

export function welcomeFor(to: typeof BOB, byte = 7) {
  return { ...to, expiryDay: 20_010, body: filled(30, byte) };
}

/** The rules of STORE that every driver keeps. `open` gives fresh, empty stores. */
export function testLogStore(driver: string, open: () => Stores | Promise<Stores>): void {
  let stores: Stores;
  let logs: LogStore;
  let inboxes: InboxStore;
  beforeEach(async () => {
    stores = await open();
    ({ logs, inboxes } = stores);
    await logs.createLog({ log: FAMILY, tokenHash: hashOf(tokenOf(0)), entryDays: 30 });
  });
  afterEach(() => stores.logs.close());

  const read = (epoch: number, after = 0, limit: number = LIMITS.runEntries) =>
    logs.readEntries({ log: FAMILY, epoch, shownHash: hashOf(tokenOf(epoch)), after, limit });
  const seqs = async (epoch: number, after = 0, limit?: number) => {
    const outcome = await read(epoch, after, limit);
    return outcome.ok ? outcome.entries.map((entry) => entry.seq) : outcome.code;
  };

  describe(`${driver}: logs`, () => {
    it('[STORE1] gives entries positions without a gap, in one order for all', async () => {
      const outcomes = await Promise.all([1, 2, 3, 4, 5].map((n) => logs.appendMessage(message(n))));
      expect(outcomes.map((outcome) => outcome.ok && outcome.seq)).toEqual([1, 2, 3, 4, 5]);
      const outcome = await read(0);
      expect(outcome).toMatchObject({ ok: true, head: { epoch: 0, seq: 5 } });
      const third = { seq: 3, time: NOON, id: id(3), epoch: 0, kind: 'message', body: filled(20, 3) };
      expect(outcome.ok && outcome.entries[2]).toMatchObject(third);
    });

    it('[STORE2] says that a log exists, or is unknown', async () => {
      const again = await logs.createLog({ log: FAMILY, tokenHash: hashOf(tokenOf(1)), entryDays: 30 });
      expect(again).toEqual({ ok: false, code: 'log_exists' });
      const elsewhere = { log: filled(32, 9) as LogId };
      expect(await logs.appendMessage(message(1, elsewhere))).toEqual({ ok: false, code: 'log_unknown' });
      const reading = { ...elsewhere, epoch: 0, shownHash: hashOf(tokenOf(0)), after: 0, limit: 1 };
      expect(await logs.readEntries(reading)).toEqual({ ok: false, code: 'log_unknown' });
      expect(await logs.appendMessage(message(1))).toMatchObject({ ok: true, seq: 1 });
    });

    it('[STORE3] refuses who does not show the token of the epoch they claim', async () => {
      const shownHash = hashOf(tokenOf(5));
      expect(await logs.appendMessage(message(1, { shownHash }))).toEqual({
        ok: false,
        code: 'token_refused',
      });
      expect(await logs.appendCommit(commit(1, 0, { shownHash }))).toEqual({
        ok: false,
        code: 'token_refused',
      });
      expect(await logs.appendMessage(message(1, { epoch: 1 }))).toEqual({
        ok: false,
        code: 'token_refused',
      });
      const reading = { log: FAMILY, epoch: 0, shownHash, after: 0, limit: 1 };
      expect(await logs.readEntries(reading)).toEqual({ ok: false, code: 'token_refused' });
      expect(await seqs(0)).toEqual([]);
    });

    it('[STORE4] lets one commit win an epoch; who comes late learns the head', async () => {
      await logs.appendMessage(message(1));
      const [alice, bob] = await Promise.all([
        logs.appendCommit(commit(2, 0)),
        logs.appendCommit(commit(3, 0)),
      ]);
      expect(alice).toMatchObject({ ok: true, seq: 2 });
      const moved = { ok: false, code: 'epoch_moved', head: { epoch: 1, seq: 2 } };
      expect(bob).toEqual(moved);
      expect(await logs.appendMessage(message(4))).toEqual(moved);
      expect(await logs.appendMessage(message(4, { epoch: 1 }))).toMatchObject({ ok: true, seq: 3 });
    });

    it('[STORE5] shows a token no more than up to the commit that ends its epoch', async () => {
      await logs.appendMessage(message(1));
      await logs.appendCommit(commit(2, 0));
      await logs.appendMessage(message(3, { epoch: 1 }));
      await logs.appendCommit(commit(4, 1));
      await logs.appendMessage(message(5, { epoch: 2 }));
      expect(await read(0)).toMatchObject({ ok: true, head: { epoch: 1, seq: 2 } });
      expect(await seqs(0)).toEqual([1, 2]);
      expect(await seqs(1)).toEqual([1, 2, 3, 4]);
      expect(await seqs(2, 2)).toEqual([3, 4, 5]);
      expect(await logs.appendMessage(message(9))).toMatchObject({ head: { epoch: 1, seq: 2 } });
    });

    it('[STORE6] answers a retry with the same bytes as before, whatever the epoch is by then', async () => {
      await logs.appendMessage(message(1));
      await logs.appendCommit(commit(2, 0));
      expect(await logs.appendMessage(message(1, { now: NOON + 5 }))).toEqual({
        ok: true,
        seq: 1,
        time: NOON,
        again: true,
        delivered: [],
      });
      expect(await logs.appendCommit(commit(2, 0))).toMatchObject({ ok: true, seq: 2, again: true });
      expect(await seqs(1)).toEqual([1, 2]);
    });

    it('[STORE6] takes one of two same requests that come together', async () => {
      const outcomes = await Promise.all([logs.appendMessage(message(1)), logs.appendMessage(message(1))]);
      expect(outcomes).toMatchObject([
        { seq: 1, again: false },
        { seq: 1, again: true },
      ]);
      expect(await seqs(0)).toEqual([1]);
    });

    it('[STORE7] refuses an id that was used with other bytes', async () => {
      const conflict = { ok: false, code: 'id_conflict' };
      await logs.appendMessage(message(1));
      expect(await logs.appendMessage(message(1, { body: filled(20, 9) }))).toEqual(conflict);
      expect(await logs.appendCommit(commit(1, 0))).toEqual(conflict);
      await logs.appendCommit(commit(2, 0, { deliveries: [welcomeFor(BOB)] }));
      expect(await logs.appendCommit(commit(2, 0))).toEqual(conflict);
      expect(await logs.appendCommit(commit(2, 0, { deliveries: [welcomeFor(BOB, 8)] }))).toEqual(conflict);
      const nextTokenHash = hashOf(tokenOf(7));
      expect(await logs.appendCommit(commit(2, 0, { nextTokenHash, deliveries: [welcomeFor(BOB)] }))).toEqual(
        conflict,
      );
    });

    it('[STORE8] delivers the Welcomes of a commit with it, once', async () => {
      const adding = commit(1, 0, { deliveries: [welcomeFor(BOB), welcomeFor(CAROL), welcomeFor(BOB, 8)] });
      expect(await logs.appendCommit(adding)).toMatchObject({ ok: true, delivered: [1, 1, 2] });
      await logs.appendCommit(adding);
      const bobs = await inboxes.readItems(BOB, 0, 20_000);
      expect(bobs.ok && bobs.items.map((item) => [item.seq, item.body[0]])).toEqual([
        [1, 7],
        [2, 8],
      ]);
    });

    it('[STORE8] takes neither the commit nor a Welcome when one inbox is full', async () => {
      for (let n = 0; n < LIMITS.inboxItems - 1; n++) await inboxes.appendItem(welcomeFor(BOB), 20_000);
      const adding = commit(1, 0, { deliveries: [welcomeFor(CAROL), welcomeFor(BOB), welcomeFor(BOB)] });
      expect(await logs.appendCommit(adding)).toEqual({ ok: false, code: 'inbox_full' });
      expect(await inboxes.readItems(CAROL, 0, 20_000)).toEqual({ ok: true, items: [] });
      expect(await seqs(0)).toEqual([]);
      expect(await logs.appendMessage(message(1))).toMatchObject({ ok: true, seq: 1 });
    });

    it('[STORE9] stops a run at its limit and its size', async () => {
      const big = LIMITS.messageBody;
      for (let n = 1; n <= 10; n++) await logs.appendMessage(message(n, { body: filled(big, n) }));
      expect(await seqs(0, 2, 3)).toEqual([3, 4, 5]);
      const whole = await seqs(0);
      expect(whole).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    });

    it('[STORE10] forgets bodies after their days, and goes on counting', async () => {
      await logs.appendMessage(message(1));
      await logs.appendCommit(commit(2, 0, { now: NOON + DAY }));
      await logs.appendMessage(message(3, { epoch: 1, now: NOON + 2 * DAY }));
      expect(await logs.expireEntries(NOON + 31.5 * DAY)).toBe(2);
      expect(await read(1)).toMatchObject({ ok: true, entries: [{ seq: 3 }], head: { epoch: 1, seq: 3 } });
      expect(await logs.appendMessage(message(1))).toMatchObject({ ok: true, seq: 1, again: true });
      expect(await logs.appendCommit(commit(2, 0))).toMatchObject({ ok: true, seq: 2, again: true });
      expect(await logs.appendMessage(message(1, { body: filled(20, 9) }))).toMatchObject({
        code: 'id_conflict',
      });
      expect(await logs.expireEntries(NOON + 100 * DAY)).toBe(1);
      expect(await logs.expireEntries(NOON + 200 * DAY)).toBe(0);
      expect(await read(1)).toMatchObject({ ok: true, entries: [], head: { epoch: 1, seq: 3 } });
      expect(await logs.appendMessage(message(4, { epoch: 1 }))).toMatchObject({ ok: true, seq: 4 });
    });

    it('[STORE10] keeps times of a log from going back with the clock', async () => {
      await logs.appendMessage(message(1));
      expect(await logs.appendMessage(message(2, { now: NOON - DAY }))).toMatchObject({ time: NOON });
    });
  });

  describe(`${driver}: inboxes`, () => {
    it('[STORE11] keeps items until they are trimmed, and never uses a place twice', async () => {
      await inboxes.appendItem(welcomeFor(BOB, 1), 20_000);
      await inboxes.appendItem(welcomeFor(BOB, 2), 20_000);
      await inboxes.trimItems(BOB, 2);
      expect(await inboxes.appendItem(welcomeFor(BOB, 3), 20_000)).toEqual({ ok: true, seq: 3 });
      expect(await inboxes.readItems(BOB, 0, 20_000)).toEqual({
        ok: true,
        items: [{ seq: 3, expiryDay: 20_010, body: filled(30, 3) }],
      });
      expect(await inboxes.readItems(BOB, 3, 20_000)).toEqual({ ok: true, items: [] });
      expect(await inboxes.readItems(CAROL, 0, 20_000)).toEqual({ ok: true, items: [] });
    });

    it('[STORE12] shows no item after its day, and drops it', async () => {
      await inboxes.appendItem(welcomeFor(BOB), 20_000);
      expect(await inboxes.readItems(BOB, 0, 20_010)).toMatchObject({ items: [{ seq: 1 }] });
      expect(await inboxes.readItems(BOB, 0, 20_011)).toEqual({ ok: true, items: [] });
      expect(await inboxes.expireItems(20_010)).toBe(0);
      expect(await inboxes.expireItems(20_011)).toBe(1);
    });

    it('[STORE13] holds so many items and no more; expired ones do not count', async () => {
      for (let n = 0; n < LIMITS.inboxItems; n++) await inboxes.appendItem(welcomeFor(BOB), 20_000);
      expect(await inboxes.appendItem(welcomeFor(BOB), 20_000)).toEqual({ ok: false, code: 'inbox_full' });
      expect(await inboxes.appendItem(welcomeFor(CAROL), 20_000)).toMatchObject({ ok: true });
      expect(await inboxes.appendItem(welcomeFor(BOB), 20_011)).toMatchObject({ ok: true });
    });
  });
}
