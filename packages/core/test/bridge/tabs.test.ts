import { describe, expect, it } from 'vitest';
import { SILENCE } from '../../src/bridge/follower.ts';
import { HEARTBEAT } from '../../src/bridge/leader.ts';
import { StoreError } from '../../src/store/record-store.ts';
import { createProfile, type OpenTab, type Profile } from './profile.ts';

const id = (at: number) => at.toString(16).padStart(32, '0');
const send = (tab: OpenTab, at: number) =>
  tab.page.sendMessage({ conversation: 'notes', id: id(at), text: `note ${at}` });
const total = (tab: OpenTab) => tab.page.snapshot().conversations[0]?.total;
const lines = async (tab: OpenTab) =>
  (await tab.page.readMessages({ conversation: 'notes', from: 0, count: 100 })).map(({ text }) => text);

async function twoTabs(): Promise<Profile & { first: OpenTab; second: OpenTab }> {
  const profile = createProfile();
  const first = profile.openTab();
  await profile.clock.advance(50);
  const second = profile.openTab();
  await profile.clock.advance(50);
  return { ...profile, first, second };
}

/** Moves time on until a call is answered. */
async function answered<T>({ clock }: Profile, call: Promise<T>): Promise<T> {
  let done = false;
  const settled = call.finally(() => {
    done = true;
  });
  settled.catch(() => undefined);
  for (let turn = 0; turn < 200 && !done; turn++) await clock.advance(100);
  if (!done) throw new Error('no answer');
  return await settled;
}

describe('tabs of one profile', () => {
  it('[BRIDGE5] run one engine, show the same, and each of them may speak', async () => {
    const profile = await twoTabs();
    const { first, second } = profile;
    expect([first.tab.leads(), second.tab.leads(), profile.engines()]).toEqual([true, false, 1]);
    await answered(profile, send(second, 1));
    expect(total(second)).toBe(1);
    await answered(profile, send(first, 2));
    await profile.clock.advance(50);
    expect(total(second)).toBe(2);
    expect(await answered(profile, lines(second))).toEqual(['note 1', 'note 2']);
    const before = second.page.snapshot().conversations[0];
    await answered(profile, second.page.reconnect({}));
    expect(second.page.snapshot().conversations[0]).toBe(before);
  });

  it('[BRIDGE6] take over when the leader is killed, and ask again what it did not answer', async () => {
    const profile = await twoTabs();
    const { first, second } = profile;
    await answered(profile, send(second, 1));
    first.freeze();
    const unanswered = [send(second, 2), send(second, 3), send(second, 4)];
    await profile.clock.advance(100);
    first.kill();
    await answered(profile, Promise.all(unanswered));
    expect(second.tab.leads()).toBe(true);
    expect(await answered(profile, lines(second))).toEqual(['note 1', 'note 2', 'note 3', 'note 4']);
  });

  it('[BRIDGE6] lose and double nothing, whenever the leader dies', async () => {
    for (let moment = 0; moment < 12; moment++) {
      const profile = await twoTabs();
      const { first, second } = profile;
      const sends = [send(second, 1), send(second, 2)];
      for (let turn = 0; turn < moment; turn++) await Promise.resolve();
      if (moment > 6) await profile.clock.advance(2 * moment);
      first.kill();
      await answered(profile, Promise.all(sends));
      expect((await answered(profile, lines(second))).toSorted(), `moment ${moment}`).toEqual([
        'note 1',
        'note 2',
      ]);
    }
  });

  it('[BRIDGE6] hand over in line when a tab closes in good order', async () => {
    const profile = await twoTabs();
    const third = profile.openTab();
    await answered(profile, send(third, 1));
    await profile.first.page.close();
    await answered(profile, send(third, 2));
    expect([profile.second.tab.leads(), third.tab.leads(), profile.engines()]).toEqual([true, false, 2]);
    expect(await answered(profile, lines(third))).toEqual(['note 1', 'note 2']);
  });

  it('[BRIDGE7] take the lead from a frozen tab; what it still writes when it wakes does not land', async () => {
    const profile = await twoTabs();
    const { first, second } = profile;
    await answered(profile, send(first, 1));
    first.freeze();
    const late = send(first, 9);
    await profile.clock.advance(SILENCE + 3 * HEARTBEAT);
    expect(second.tab.leads()).toBe(true);
    await answered(profile, send(second, 2));
    expect(await answered(profile, lines(second))).toEqual(['note 1', 'note 2']);
    first.thaw();
    await answered(profile, late);
    expect(first.tab.leads()).toBe(false);
    await answered(profile, send(first, 3));
    await profile.clock.advance(50);
    expect([total(first), total(second)]).toEqual([4, 4]);
    expect(await answered(profile, lines(first))).toEqual(['note 1', 'note 2', 'note 9', 'note 3']);
  });

  it('[BRIDGE7] take nothing from a leader that lives, however long this tab itself slept', async () => {
    const profile = await twoTabs();
    const { first, second } = profile;
    second.freeze();
    await profile.clock.advance(10 * SILENCE);
    second.thaw();
    await profile.clock.advance(2 * SILENCE);
    expect([first.tab.leads(), second.tab.leads(), profile.engines()]).toEqual([true, false, 1]);
  });

  it('[BRIDGE8] run a password where it was typed: it never crosses to another tab', async () => {
    const profile = await twoTabs();
    const { second } = profile;
    await answered(profile, second.page.register({ username: 'alice', password: 'correct horse battery' }));
    expect(second.tab.leads()).toBe(true);
    await profile.clock.advance(50);
    expect(profile.first.page.snapshot().session).toMatchObject({ state: 'signed_in', username: 'alice' });
    expect(profile.first.tab.leads()).toBe(false);
    expect(JSON.stringify(profile.overheard)).not.toContain('correct horse');
    const refused = second.page.signIn({ username: 'alice', password: 'wrong' });
    await expect(answered(profile, refused)).rejects.toMatchObject({
      code: 'wrong_credentials',
      retryAfter: 30,
    });
  });

  it('[BRIDGE9] ignore what no tab of ours would say', async () => {
    const profile = await twoTabs();
    const { second } = profile;
    const state = profile.overheard.find((message) => (message as { kind: string }).kind === 'state') as {
      term: string;
    };
    const { term } = state;
    const call = { kind: 'call', term, tab: '00'.repeat(8), id: 1 };
    const before = second.page.snapshot();
    const said: unknown[] = [
      'text',
      null,
      { kind: 'alive', term: 'x', announce: true },
      { kind: 'state', term, revision: 9, snapshot: { session: { state: 'signed_in' } } },
      {
        kind: 'patch',
        term,
        revision: 1,
        patch: { kind: 'fields', fields: { alarms: { kind: 'whole', value: 'x' } } },
      },
      { kind: 'patch', term, revision: 1, patch: { kind: 'nonsense' } },
      { ...call, verb: 'register', input: { username: 'eve', password: 'eve knows it too' } },
      { ...call, verb: '__proto__', input: {} },
      { ...call, verb: 'sendMessage', input: { conversation: 'notes', id: 'zz', text: 'x' } },
      { ...call, verb: 'sendMessage', input: { conversation: 'notes', id: id(1), text: 'x', more: 1 } },
      { kind: 'result', term, tab: '00'.repeat(8), id: 1, result: { ok: true, value: 1 } },
    ];
    for (const message of said) profile.shout(message);
    await profile.clock.advance(100);
    expect(second.page.snapshot()).toEqual(before);
    expect(await answered(profile, lines(second))).toEqual([]);
    expect([profile.first.tab.leads(), profile.engines()]).toEqual([true, 1]);
  });

  it('[BRIDGE10] say why the engine does not open, and try again', async () => {
    const profile = createProfile();
    let full = true;
    const tab = profile.openTab({
      open() {
        if (full) throw new StoreError('quota');
      },
    });
    await profile.clock.advance(50);
    await expect(answered(profile, send(tab, 1))).rejects.toMatchObject({ code: 'storage_full' });
    expect(profile.faults).toMatchObject([{ code: 'quota' }]);
    full = false;
    await profile.clock.advance(6000);
    await answered(profile, send(tab, 1));
    expect(total(tab)).toBe(1);
  });
});
