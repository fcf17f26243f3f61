import { describe, expect, it } from 'vitest';
import { type AccountLook, type AccountSeen, changesBetween } from '../../src/account/activity.ts';

const [laptop, phone] = ['aa', 'bb'];
const nothingMine = { device: laptop, kinds: new Set<never>() };
const before: AccountSeen = {
  signIns: ['1 aa password'],
  devices: [laptop],
  password: 'f00d',
  factors: 'mail',
  email: 'alice@example.org',
};

function look(changed: Partial<AccountSeen>, ...signIns: (readonly [number, string, string])[]): AccountLook {
  const all = [...signIns.toReversed(), [1, laptop, 'password'] as const];
  const listed = all.map(([time, device, method]) => ({
    key: `${time} ${device} ${method}`,
    device,
    time,
    isReset: method === 'reset',
  }));
  return { seen: { ...before, signIns: listed.map(({ key }) => key), ...changed }, signIns: listed };
}

const kinds = (found: AccountLook, mine: Parameters<typeof changesBetween>[2] = nothingMine) =>
  changesBetween(before, found, mine).map(({ kind, device }) =>
    device === undefined ? kind : `${kind} ${device}`,
  );

describe('what happened to an account between two looks', () => {
  it('[ACC45] is nothing when it stands as it stood', () => {
    expect(kinds(look({}))).toEqual([]);
  });

  it('[ACC45] a new device is told of once, with the time of its sign-in, and a known one by its sign-in', () => {
    const found = look({ devices: [laptop, phone] }, [7, phone, 'totp']);
    expect(changesBetween(before, found, nothingMine)).toEqual([
      { kind: 'new_device', device: phone, time: 7 },
    ]);
    const known = { ...before, devices: [laptop, phone] };
    const again = look({ devices: [laptop, phone] }, [8, phone, 'mail'], [9, phone, 'mail']);
    expect(changesBetween(known, again, nothingMine).map(({ kind, time }) => [kind, time])).toEqual([
      ['new_sign_in', 8],
      ['new_sign_in', 9],
    ]);
  });

  it('[ACC45] a sign-in under the id of this very device is told of, unless this device made it', () => {
    const found = look({}, [7, laptop, 'password']);
    expect(kinds(found)).toEqual(['new_sign_in aa']);
    expect(kinds(found, { device: laptop, kinds: new Set(['new_sign_in']) })).toEqual([]);
  });

  it('[ACC45] another password, address or factor is told of, and each alone is one’s own', () => {
    const found = look({ password: 'beef', factors: 'totp', email: '' });
    expect(kinds(found)).toEqual(['password_changed', 'factors_changed', 'email_changed']);
    const mine = { device: laptop, kinds: new Set(['factors_changed'] as const) };
    expect(kinds(found, mine)).toEqual(['password_changed', 'email_changed']);
  });

  it('[ACC45] a reset made here changed the password here; one made elsewhere did not', () => {
    const mine = { device: laptop, kinds: new Set(['new_sign_in'] as const) };
    expect(kinds(look({ password: 'beef' }, [7, laptop, 'reset']), mine)).toEqual([]);
    expect(kinds(look({ password: 'beef' }, [7, laptop, 'password']), mine)).toEqual(['password_changed']);
    expect(kinds(look({ password: 'beef' }, [7, phone, 'reset']))).toEqual([
      'new_sign_in bb',
      'password_changed',
    ]);
  });

  it('[ACC45] a password that comes into a vault of the first version was not changed', () => {
    const first = { ...before, password: '' };
    expect(changesBetween(first, look({ password: 'beef' }), nothingMine)).toEqual([]);
  });
});
