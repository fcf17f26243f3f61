import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { killAtStep } from './faults.ts';
import {
  accountOf,
  createWorld,
  type Device,
  hears,
  openWith,
  PASSWORD,
  register,
  say,
  textsOf,
  type World,
} from './harness.ts';

const PASSPHRASE = 'seven green herons';
const MINUTE = 60_000;
const byPassphrase = { way: 'passphrase', passphrase: PASSPHRASE } as const;
const passkey = { credential: 'Zm9vYmFy', prf: new Uint8Array(32).fill(7) };

describe('the app lock', () => {
  let world: World;
  let alice: Device;
  beforeEach(async () => {
    world = await createWorld();
    alice = world.device('alice');
    await register(world, alice);
  });
  afterEach(async () => {
    expect(world.failures).toEqual([]);
    await world.close();
  });

  const session = () => alice.chat().snapshot().session;
  const setLock = (minutes = 5) => alice.chat().setLock({ passphrase: PASSPHRASE, minutes });
  const online = () => world.until('online', () => alice.chat().snapshot().connection === 'online');

  it('[VAULT45] locked after a restart, shows and does nothing before it is opened, and then goes on as the same device', async () => {
    await setLock();
    const before = session();
    expect(before).toMatchObject({ state: 'signed_in', lockMinutes: 5 });
    const chat = await alice.restart();
    expect(chat.snapshot()).toMatchObject({
      session: { state: 'locked', passkeys: [] },
      conversations: [],
      alarms: [],
      notices: [],
    });
    const locked = { code: 'not_signed_in' };
    await expect(chat.devices({})).rejects.toMatchObject(locked);
    await expect(chat.findPeople({ name: 'bob' })).rejects.toMatchObject(locked);
    await expect(chat.signIn({ username: 'alice', password: PASSWORD })).rejects.toMatchObject(locked);
    await expect(chat.signIn({ username: 'alice', password: PASSWORD, shared: true })).rejects.toMatchObject(
      locked,
    );
    await expect(chat.removeLock({})).rejects.toMatchObject(locked);
    await expect(chat.unlock({ way: 'passphrase', passphrase: 'six green herons' })).rejects.toMatchObject({
      code: 'lock_wrong',
    });
    expect(session().state).toBe('locked');
    await chat.unlock(byPassphrase);
    await online();
    await world.until('ready', () => JSON.stringify(session()) === JSON.stringify(before));
  });

  it('[VAULT45] by hand: engine and connection are gone, and the relay hears nothing', async () => {
    await expect(alice.chat().lock({})).rejects.toMatchObject({ code: 'not_found' });
    await setLock();
    let calls = 0;
    alice.answer((_route, _input, answer) => {
      calls += 1;
      return answer;
    });
    await alice.chat().lock({});
    expect(session()).toEqual({ state: 'locked', passkeys: [] });
    expect(alice.chat().snapshot().connection).toBe('connecting');
    const told = calls;
    await world.clock.advance(60 * MINUTE);
    await alice.chat().reconnect({});
    expect(calls).toBe(told);
    await alice.chat().unlock(byPassphrase);
    await online();
  });

  it('[VAULT45] with a message on its way: it waits under the lock and goes out when that is opened', async () => {
    const bob = world.device('bob');
    await register(world, bob);
    const withBob = await openWith(alice, 'bob');
    await say(alice, withBob, 'before');
    await hears(world, bob, accountOf(alice), 'before');
    const withAlice = accountOf(alice);
    await setLock();
    alice.online(false);
    await say(alice, withBob, 'written on the train');
    await alice.chat().lock({});
    alice.online(true);
    await say(bob, withAlice, 'heard later');
    await world.clock.advance(MINUTE);
    expect(await textsOf(bob, withAlice)).toEqual(['before', 'heard later']);
    await alice.chat().unlock(byPassphrase);
    await hears(world, bob, withAlice, 'written on the train');
    await hears(world, alice, withBob, 'heard later');
    expect(await textsOf(alice, withBob)).toEqual(await textsOf(bob, withAlice));
  });

  it('[VAULT46] after minutes without use, which any use puts off', async () => {
    await setLock();
    for (let used = 0; used < 3; used++) {
      await world.clock.advance(4 * MINUTE);
      await alice.chat().noteActivity({});
    }
    expect(session().state).toBe('signed_in');
    await world.clock.advance(5 * MINUTE);
    await world.until('locked', () => session().state === 'locked');
    await alice.chat().unlock(byPassphrase);
    await alice.chat().setLock({ passphrase: PASSPHRASE, minutes: 60 });
    await world.clock.advance(59 * MINUTE);
    expect(session()).toMatchObject({ state: 'signed_in', lockMinutes: 60 });
    await expect(setLock(241)).rejects.toMatchObject({ code: 'internal' });
    await expect(setLock(0)).rejects.toMatchObject({ code: 'internal' });
  });

  it('[VAULT45] a passkey opens it, too, and another one does not', async () => {
    await expect(alice.chat().setLockPasskey(passkey)).rejects.toMatchObject({ code: 'passkey_refused' });
    await setLock();
    await alice.chat().setLockPasskey(passkey);
    await alice.restart();
    expect(session()).toEqual({ state: 'locked', passkeys: [passkey.credential] });
    const wrong = { ...passkey, prf: new Uint8Array(32) };
    for (const other of [wrong, { ...passkey, credential: 'YmFy' }])
      await expect(alice.chat().unlock({ way: 'passkey', ...other })).rejects.toMatchObject({
        code: 'lock_wrong',
      });
    await alice.chat().unlock({ way: 'passkey', ...passkey });
    expect(session().state).toBe('signed_in');
  });

  it('[VAULT45] is off again when it is removed, and takes no weak passphrase', async () => {
    for (const weak of ['short', 'password1', 'alice'])
      await expect(alice.chat().setLock({ passphrase: weak, minutes: 5 })).rejects.toMatchObject({
        code: 'password_too_weak',
      });
    await setLock();
    await alice.chat().removeLock({});
    await alice.restart();
    expect(session()).toMatchObject({ state: 'signed_in', lockMinutes: undefined });
    await world.clock.advance(300 * MINUTE);
    expect(session().state).toBe('signed_in');
  });

  it('[VAULT41] a process that dies while it is turned on comes back with everything, locked or not', async () => {
    const states = new Set<string>();
    for (let step = 0; step < 4; step++) {
      const kill = killAtStep(step);
      alice.plan((what, phase) => what === 'commit' && kill(what, phase));
      void setLock().catch(() => undefined);
      await world.until('it died or did it', () => {
        const shown = session();
        return !alice.isAlive() || (shown.state === 'signed_in' && shown.lockMinutes === 5);
      });
      alice.plan(() => false);
      await alice.restart();
      states.add(session().state);
      if (session().state === 'locked') await alice.chat().unlock(byPassphrase);
      expect(session()).toMatchObject({ state: 'signed_in', username: 'alice' });
      await online();
      await alice.chat().removeLock({});
    }
    expect(states).toContain('locked');
  });

  it('[VAULT48] wiped when the passphrase is lost: the account stays, its session ends, the next sign-in is a new device', async () => {
    await expect(alice.chat().wipeLocked({})).rejects.toMatchObject({ code: 'blocked' });
    await setLock();
    await alice.chat().lock({});
    await alice.chat().wipeLocked({});
    expect(session()).toEqual({ state: 'signed_out' });
    expect((await alice.records()).size).toBe(0);
    const chat = await alice.restart();
    expect(session()).toEqual({ state: 'signed_out' });
    await chat.signIn({ username: 'alice', password: PASSWORD });
    await online();
    const { devices } = await chat.devices({});
    expect(devices.map((device) => [device.current, device.session !== undefined])).toEqual([
      [true, true],
      [false, false],
    ]);
  });
});
