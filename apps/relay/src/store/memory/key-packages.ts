import { type AccountId, type DeviceId, encodeHex } from '@sotto/protocol';
import type { ClaimedKeyPackage, KeyPackageStore } from '../key-package-store.ts';

export interface MemoryKeyPackages extends KeyPackageStore {
  dropDevice(account: AccountId, device: DeviceId): void;
  dropAccount(account: AccountId): void;
}

interface Shelf {
  readonly seen: Set<string>;
  oneTime: Uint8Array[];
  lastResort: Uint8Array | undefined;
}

export function createMemoryKeyPackages(capacity: number): MemoryKeyPackages {
  const shelves = new Map<string, Shelf>();
  const shelfOf = (account: AccountId, device: DeviceId): Shelf => {
    const key = encodeHex(account) + encodeHex(device);
    const shelf = shelves.get(key) ?? { seen: new Set(), oneTime: [], lastResort: undefined };
    shelves.set(key, shelf);
    return shelf;
  };
  return {
    async publish({ account, device, oneTime, lastResort, replace }) {
      const shelf = shelfOf(account, device);
      const fresh = new Map(oneTime.map((keyPackage) => [encodeHex(keyPackage), keyPackage]));
      if (replace === true) shelf.oneTime = shelf.oneTime.filter((waiting) => fresh.has(encodeHex(waiting)));
      for (const key of fresh.keys()) if (shelf.seen.has(key)) fresh.delete(key);
      if (shelf.oneTime.length + fresh.size > capacity) return 'full';
      for (const [key, keyPackage] of fresh) {
        shelf.seen.add(key);
        shelf.oneTime.push(keyPackage);
      }
      shelf.lastResort = lastResort ?? shelf.lastResort;
      return 'published';
    },
    async count(account, device) {
      const shelf = shelfOf(account, device);
      return { left: shelf.oneTime.length, lastResort: shelf.lastResort !== undefined };
    },
    async claim(account, devices) {
      return devices.flatMap((device): ClaimedKeyPackage[] => {
        const shelf = shelfOf(account, device);
        const oneTime = shelf.oneTime.shift();
        const keyPackage = oneTime ?? shelf.lastResort;
        if (keyPackage === undefined) return [];
        return [{ device, keyPackage, lastResort: oneTime === undefined, left: shelf.oneTime.length }];
      });
    },
    dropDevice(account, device) {
      shelves.delete(encodeHex(account) + encodeHex(device));
    },
    dropAccount(account) {
      for (const key of shelves.keys()) if (key.startsWith(encodeHex(account))) shelves.delete(key);
    },
  };
}
