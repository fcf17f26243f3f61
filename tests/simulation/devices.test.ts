import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  accountOf,
  conversationOf,
  createWorld,
  type Device,
  hears,
  openWith,
  PASSWORD,
  register,
  say,
  signIn,
  signInAgain,
  type World,
} from './harness.ts';

const MINUTE = 60_000;

describe('devices of an account', () => {
  let world: World;
  let laptop: Device;
  let phone: Device;
  beforeEach(async () => {
    world = await createWorld();
    [laptop, phone] = [world.device('alice'), world.device('phone')];
    await register(world, laptop);
  });
  afterEach(async () => {
    expect(world.failures).toEqual([]);
    await world.close();
  });

  const idOf = (device: Device) => {
    const { session } = device.chat().snapshot();
    return session.state === 'signed_in' ? session.device : 'none';
  };
  const noticesOf = (device: Device) =>
    device
      .chat()
      .snapshot()
      .notices.map(({ kind, device: of }) => [kind, of]);
  const shows = (device: Device, kind: string) =>
    world.until(`${device.name} shows ${kind}`, () => noticesOf(device).some(([shown]) => shown === kind));
  const connection = (device: Device) => device.chat().snapshot().connection;

  it('[ACC42] are listed with their names and sessions, this one first', async () => {
    await signIn(world, phone, 'alice');
    await laptop.chat().nameDevice({ name: 'Laptop 💻' });
    await phone.chat().nameDevice({ name: 'Phone' });
    const { devices, signIns } = await phone.chat().devices({});
    expect(devices).toMatchObject([
      { device: idOf(phone), name: 'Phone', current: true, session: { shared: false } },
      { device: idOf(laptop), name: 'Laptop 💻', current: false, session: { shared: false } },
    ]);
    expect(signIns.map(({ device, method }) => [device, method])).toContainEqual([idOf(phone), 'password']);
    // The relay holds no name in the clear, and what it puts in its place is no name.
    let told = '';
    phone.answer((route, _input, answer) => {
      if (route !== 'sessions') return answer;
      const { value } = answer as { value: { labels: { device: Uint8Array; label: Uint8Array }[] } };
      told = Buffer.concat(value.labels.map(({ label }) => label)).toString('latin1');
      const [first, second] = value.labels;
      const swapped = [
        { device: first?.device, label: second?.label },
        { device: second?.device, label: first?.label },
      ];
      return { ok: true, value: { ...value, labels: swapped } };
    });
    const lied = await phone.chat().devices({});
    expect(lied.devices.map(({ name }) => name)).toEqual([undefined, undefined]);
    expect(told).not.toContain('Phone');
  });

  it('[ACC43] one is removed for good by another: its session ends at once and it never returns', async () => {
    await signIn(world, phone, 'alice');
    const lost = idOf(phone);
    await laptop.chat().removeDevice({ device: lost });
    await world.until('the phone is out', () => connection(phone) === 'ended');
    expect((await laptop.chat().devices({})).devices.map(({ device }) => device)).toEqual([idOf(laptop)]);
    await expect(phone.chat().signIn({ username: 'alice', password: PASSWORD })).rejects.toMatchObject({
      code: 'session_ended',
    });
    const gone = { code: 'not_found' };
    await expect(laptop.chat().removeDevice({ device: lost })).rejects.toMatchObject(gone);
    await expect(laptop.chat().removeDevice({ device: '00'.repeat(16) })).rejects.toMatchObject(gone);
    await expect(laptop.chat().removeDevice({ device: idOf(laptop) })).rejects.toMatchObject({
      code: 'blocked',
    });
  });

  it('[ACC44] a session ends, or all others do, and their devices may sign in again', async () => {
    const tablet = world.device('tablet');
    await signIn(world, phone, 'alice');
    await signIn(world, tablet, 'alice');
    const { devices } = await laptop.chat().devices({});
    const open = devices.find(({ device }) => device === idOf(phone))?.session;
    await laptop.chat().endSessions({ session: open?.id });
    await world.until('the phone is out', () => connection(phone) === 'ended');
    expect([connection(tablet), connection(laptop)]).toEqual(['online', 'online']);
    const before = idOf(phone);
    await signInAgain(world, phone, 'alice');
    expect(idOf(phone)).toBe(before);
    await laptop.chat().endSessions({});
    await world.until('all others are out', () =>
      [phone, tablet].every((device) => connection(device) === 'ended'),
    );
    expect(connection(laptop)).toBe('online');
    await expect(laptop.chat().endSessions({ session: open?.id })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('[ACC45] hear of a new device, once, until it is dismissed; the new one is told nothing', async () => {
    await signIn(world, phone, 'alice');
    await shows(laptop, 'new_device');
    await world.clock.advance(MINUTE);
    expect(noticesOf(laptop)).toEqual([['new_device', idOf(phone)]]);
    expect(noticesOf(phone)).toEqual([]);
    await laptop.restart();
    expect(noticesOf(laptop)).toEqual([['new_device', idOf(phone)]]);
    const [notice] = laptop.chat().snapshot().notices;
    await laptop.chat().dismissNotice({ id: notice?.id ?? '' });
    await world.until('online', () => connection(laptop) === 'online');
    await world.clock.advance(20 * MINUTE);
    expect(noticesOf(laptop)).toEqual([]);
    await laptop.restart();
    expect(noticesOf(laptop)).toEqual([]);
  });

  it('[ACC45] hear of what happened while they were away', async () => {
    await signIn(world, phone, 'alice');
    await shows(laptop, 'new_device');
    for (const { id } of laptop.chat().snapshot().notices) await laptop.chat().dismissNotice({ id });
    laptop.online(false);
    await phone.chat().makeRecoveryKey({ password: PASSWORD });
    await phone.chat().signOut({});
    const tablet = world.device('tablet');
    await signIn(world, tablet, 'alice');
    laptop.online(true);
    await laptop.chat().reconnect({});
    await shows(laptop, 'factors_changed');
    expect(noticesOf(laptop).toSorted()).toEqual([
      ['factors_changed', undefined],
      ['new_device', idOf(tablet)],
    ]);
    expect(noticesOf(tablet)).toEqual([]);
  });

  it('[ACC45] hear of another password from the vault, and who changed it hears nothing', async () => {
    await signIn(world, phone, 'alice');
    const next = 'four grey horses trot';
    await phone.chat().changePassword({ current: PASSWORD, next });
    await world.until('the laptop is out', () => connection(laptop) === 'ended');
    await laptop.chat().signIn({ username: 'alice', password: next });
    await shows(laptop, 'password_changed');
    await world.clock.advance(MINUTE);
    expect(noticesOf(laptop).filter(([kind]) => kind !== 'new_device')).toEqual([
      ['password_changed', undefined],
    ]);
    expect(noticesOf(phone)).toEqual([['new_sign_in', idOf(laptop)]]);
  });

  it('[ACC45] a relay that invents sign-ins fills neither screen nor disk', async () => {
    let round = 0;
    laptop.answer((route, _input, answer) => {
      if (route !== 'sessions') return answer;
      round += 1;
      const signIns = Array.from({ length: 20 }, (_, at) => ({
        time: round * 100 + at,
        device: new Uint8Array(16).fill(round),
        method: 'password',
      }));
      return { ok: true, value: { ...(answer as { value: object }).value, signIns } };
    });
    for (let again = 0; again < 6; again++) {
      laptop.online(false);
      laptop.online(true);
      await laptop.chat().reconnect({});
      await world.clock.advance(MINUTE);
    }
    await world.until('told', () => noticesOf(laptop).length === 50);
    const kept = [...(await laptop.records()).keys()].filter((key) => key.startsWith('["account-notice"'));
    expect(kept.length).toBeLessThanOrEqual(50);
  });

  it('[ACC46] on a shared computer nothing is kept, and the relay knows that it is one', async () => {
    await phone.start();
    await phone.chat().signIn({ username: 'alice', password: PASSWORD, shared: true });
    await world.until('online', () => connection(phone) === 'online');
    expect(phone.chat().snapshot().session).toMatchObject({ state: 'signed_in', shared: true });
    const { devices } = await laptop.chat().devices({});
    expect(devices.map(({ session }) => session?.shared)).toEqual([false, true]);
    await expect(
      phone.chat().setLock({ passphrase: 'seven green herons', minutes: 5 }),
    ).rejects.toMatchObject({
      code: 'blocked',
    });
    await world.clock.advance(MINUTE);
    expect((await phone.records()).size).toBe(0);
    await phone.restart();
    expect(phone.chat().snapshot().session).toEqual({ state: 'signed_out' });
  });

  it('[ACC46] a guest who just closes the tab leaves the chain as far as there is time, and may have come there first', async () => {
    const library = world.device('library');
    await library.start();
    await library.chat().register({ username: 'bob', password: PASSWORD, shared: true });
    expect(library.chat().snapshot().session).toMatchObject({ username: 'bob', shared: true });
    await signIn(world, phone, 'bob');
    const guest = idOf(library);
    const listed = async () => (await phone.chat().devices({})).devices.map(({ device }) => device);
    expect(await listed()).toContain(guest);
    await library.chat().close();
    await world.until('it left', async () => !(await listed()).includes(guest));
    await library.restart();
    expect((await library.records()).size).toBe(0);
  });

  it('[ACC46] where an account lives already, nobody is a guest; and a guest who leaves is gone from the chain', async () => {
    laptop.answer((route, _input, answer) =>
      route === 'refresh' ? { ok: false, code: 'session_ended' } : answer,
    );
    laptop.online(false);
    await world.clock.advance(60 * MINUTE);
    laptop.online(true);
    await laptop.chat().reconnect({});
    await world.until('ended', () => connection(laptop) === 'ended');
    await expect(
      laptop.chat().signIn({ username: 'alice', password: PASSWORD, shared: true }),
    ).rejects.toMatchObject({ code: 'blocked' });
    laptop.answer((_route, _input, answer) => answer);
    await signInAgain(world, laptop, 'alice');

    await phone.start();
    await phone.chat().signIn({ username: 'alice', password: PASSWORD, shared: true });
    const guest = idOf(phone);
    await phone.chat().signOut({});
    expect(phone.chat().snapshot().session).toEqual({ state: 'signed_out' });
    const { devices } = await laptop.chat().devices({});
    expect(devices.map(({ device }) => device)).not.toContain(guest);
    // The same process is nobody's guest any more: this sign-in is kept.
    await signInAgain(world, phone, 'alice');
    expect(phone.chat().snapshot().session).toMatchObject({ shared: false });
    expect((await phone.records()).size).toBeGreaterThan(0);
  });
});

describe('an account that its owner ends', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(async () => {
    expect(world.failures).toEqual([]);
    await world.close();
  });

  it('[ACC41] takes the password, then is gone everywhere, and nobody gets its name', async () => {
    const [laptop, phone, mallory] = [world.device('alice'), world.device('phone'), world.device('mallory')];
    await register(world, laptop);
    await signIn(world, phone, 'alice');
    const wrong = { code: 'wrong_credentials' };
    await expect(laptop.chat().deleteAccount({ password: 'not her password' })).rejects.toMatchObject(wrong);
    expect(laptop.chat().snapshot().session.state).toBe('signed_in');
    await laptop.chat().deleteAccount({ password: PASSWORD });
    expect(laptop.chat().snapshot().session).toEqual({ state: 'signed_out' });
    expect((await laptop.records()).size).toBe(0);
    await world.until('the phone is out', () => phone.chat().snapshot().connection === 'ended');
    await expect(phone.chat().signIn({ username: 'alice', password: PASSWORD })).rejects.toMatchObject(wrong);
    await phone.chat().signOut({});
    expect(phone.chat().snapshot().session).toEqual({ state: 'signed_out' });
    await mallory.start();
    await expect(mallory.chat().register({ username: 'alice', password: PASSWORD })).rejects.toMatchObject({
      code: 'username_taken',
    });
  });

  it('[ACC40] is shown to contacts as closed, by its name and without an alarm; nothing can be sent to it', async () => {
    const [alice, bob] = [world.device('alice'), world.device('bob')];
    await register(world, alice);
    await register(world, bob);
    const withAlice = await openWith(bob, 'alice');
    await say(bob, withAlice, 'hello');
    await hears(world, alice, accountOf(bob), 'hello');
    await bob.chat().setVerified({ account: accountOf(alice), verified: true });
    await world.until('verified', () => conversationOf(bob, withAlice)?.peer.verified === true);
    expect(conversationOf(bob, withAlice)?.peer.closed).toBe(false);
    await alice.chat().deleteAccount({ password: PASSWORD });
    await world.clock.advance(11 * MINUTE);
    await world.until('bob sees it', () => conversationOf(bob, withAlice)?.peer.closed === true);
    expect(conversationOf(bob, withAlice)).toMatchObject({
      peer: { username: 'alice', verified: true },
      blocked: false,
    });
    expect(bob.chat().snapshot().alarms).toEqual([]);
    const unavailable = { code: 'peer_unavailable' };
    await expect(say(bob, withAlice, 'are you there?')).rejects.toMatchObject(unavailable);
    await expect(bob.chat().openDirect({ account: withAlice, username: 'alice' })).rejects.toMatchObject(
      unavailable,
    );
    await bob.restart();
    expect(conversationOf(bob, withAlice)?.peer).toMatchObject({ closed: true, username: 'alice' });
  });
});
