import { type AccountId, type DeviceId, LIMITS } from '@sotto/protocol';
import { expect, it } from 'vitest';
import { freshStores, type OpenAccountStores } from './fresh-stores.ts';
import { accountOf, bytes, deviceOf } from './values.ts';

export function testKeyPackages(open: OpenAccountStores): void {
  const stores = freshStores(open);
  const countOf = (account: AccountId, device: DeviceId) => stores().keyPackages.count(account, device);

  it('[HTTP11] gives each one-time KeyPackage to one claim, oldest first, then the last resort', async () => {
    const account = accountOf(1);
    const device = deviceOf(1);
    const upload = { account, device, oneTime: [bytes(1), bytes(2)], lastResort: bytes(9) };
    expect(await stores().keyPackages.publish(upload)).toBe('published');
    const claims = await Promise.all([1, 2, 3].map(() => stores().keyPackages.claim(account, [device])));
    expect(claims).toEqual([
      [{ device, keyPackage: bytes(1), lastResort: false, left: 1 }],
      [{ device, keyPackage: bytes(2), lastResort: false, left: 0 }],
      [{ device, keyPackage: bytes(9), lastResort: true, left: 0 }],
    ]);
    expect(await stores().keyPackages.claim(account, [deviceOf(2)])).toEqual([]);
  });

  it('[HTTP10] never brings a claimed KeyPackage back, and holds only so many', async () => {
    const account = accountOf(1);
    const device = deviceOf(1);
    const publish = (oneTime: Uint8Array[], lastResort?: Uint8Array) =>
      stores().keyPackages.publish({ account, device, oneTime, lastResort });
    await publish([bytes(1), bytes(1)]);
    await stores().keyPackages.claim(account, [device]);
    await publish([bytes(1)]);
    expect(await countOf(account, device)).toEqual({ left: 0, lastResort: false });
    const many = Array.from({ length: LIMITS.keyPackagesPerDevice }, (_, i) => bytes(i + 1, 20));
    expect(await publish(many)).toBe('published');
    expect(await publish(many, bytes(8))).toBe('published');
    expect(await publish([bytes(200)], bytes(7))).toBe('full');
    expect(await countOf(account, device)).toEqual({ left: many.length, lastResort: true });
  });

  it('[HTTP22] a new set takes the place of the old one, at once and for good', async () => {
    const [account, device] = [accountOf(1), deviceOf(1)];
    const setOf = (first: number) =>
      Array.from({ length: LIMITS.keyPackagesPerDevice }, (_, i) => bytes(first + i, 20));
    const old = { account, device, oneTime: setOf(0), lastResort: bytes(8) };
    const other = { ...old, device: deviceOf(2), oneTime: [bytes(5)] };
    const renewed = { account, device, oneTime: setOf(100), lastResort: bytes(9), replace: true };
    await stores().keyPackages.publish(old);
    await stores().keyPackages.publish(other);
    expect(await stores().keyPackages.publish(renewed)).toBe('published');
    expect(await countOf(account, device)).toEqual({ left: 100, lastResort: true });
    const [given] = await stores().keyPackages.claim(account, [device]);
    expect(given).toEqual({ device, keyPackage: bytes(100, 20), lastResort: false, left: 99 });
    // The answer was lost: neither the claimed one nor an old one comes back, and those that wait stay.
    expect(await stores().keyPackages.publish(renewed)).toBe('published');
    expect(await countOf(account, device)).toEqual({ left: 99, lastResort: true });
    await stores().keyPackages.publish({ account, device, oneTime: [bytes(0, 20)], lastResort: undefined });
    expect(await countOf(account, device)).toEqual({ left: 99, lastResort: true });
    await stores().keyPackages.publish({
      account,
      device,
      oneTime: [],
      lastResort: undefined,
      replace: true,
    });
    expect(await stores().keyPackages.claim(account, [device, other.device])).toEqual([
      { device, keyPackage: bytes(9), lastResort: true, left: 0 },
      { device: other.device, keyPackage: bytes(5), lastResort: false, left: 0 },
    ]);
  });
}
