import { encodeHex } from '@sotto/protocol';
import type { OwnKeyPackage } from '../mls/door.ts';
import { collection } from '../store/collections.ts';
import type { SealedStore } from '../store/sealed-store.ts';

/** `madeAt`: milliseconds by this device's own clock. */
interface KeptKeyPackage extends OwnKeyPackage {
  readonly madeAt: number;
}

/** The private halves of published KeyPackages, by ref in hexadecimal. One-time ones are deleted at first use. */
export const keyPackages = collection<[ref: string], KeptKeyPackage>('key-package');

/** Refs in hexadecimal of what goes to the relay in one request. */
interface Upload {
  readonly oneTime: readonly string[];
  readonly lastResort: string | undefined;
  /** It begins a new set. */
  readonly replace: boolean;
  readonly madeAt: number;
}

/** What lies at the relay, as far as this device itself knows. Times in milliseconds by its own clock, 0: never. */
interface PublishedSet {
  /** The age of the set: when the first of it was made. */
  readonly madeAt: number;
  /** When it was last filled up to the brim. */
  readonly filledAt: number;
  readonly lastResort: string | undefined;
  /** On disk, and perhaps at the relay too, which has not said so. It is sent again before anything new is made. */
  readonly pending: Upload | undefined;
}

const sets = collection<[], PublishedSet>('key-package-set');
const NOTHING: PublishedSet = { madeAt: 0, filledAt: 0, lastResort: undefined, pending: undefined };

export const DAY_MS = 24 * 3600 * 1000;

/** KeyPackages serve for 84 days (MLS30); a Welcome made on the last of them waits in the inbox for 30 more. */
const KEPT_MS = (84 + 30) * DAY_MS;

/**
 * One-time private halves on disk, at most. Honest use needs 500: sets of a hundred, begun every 28 days, of which the
 * last five are kept. The relay chooses how many more it asks for.
 */
const MOST_KEPT = 600;

/** The device's own side of its KeyPackages: on disk before the relay hears of them, a Welcome must find them. */
export interface KeyPackageShelf {
  published(): Promise<PublishedSet>;
  /** How many more one-time ones may be made. */
  room(): Promise<number>;
  /** In one step: the halves, and the upload as pending. */
  keep(made: readonly OwnKeyPackage[], replace: boolean): Promise<PublishedSet>;
  /** The relay has it. */
  settle(next: PublishedSet): Promise<void>;
  /** Those that are still there, in the order of `refs`. */
  findAll(refs: readonly string[]): Promise<OwnKeyPackage[]>;
  /** Deletes what no Welcome can name any more. */
  sweep(): Promise<void>;
}

export function createKeyPackageShelf(store: SealedStore, now: () => number): KeyPackageShelf {
  const published = async () => ({ ...NOTHING, ...(await store.get(sets.key())) });
  const all = async () => (await store.range(keyPackages.range([]))).map(({ value }) => value);
  return {
    published,
    async room() {
      const oneTime = (await all()).filter(({ lastResort }) => !lastResort);
      return Math.max(0, MOST_KEPT - oneTime.length);
    },
    async keep(made, replace) {
      const madeAt = now();
      const oneTime = made.filter(({ lastResort }) => !lastResort).map(({ ref }) => encodeHex(ref));
      const last = made.find(({ lastResort }) => lastResort);
      const lastResort = last === undefined ? undefined : encodeHex(last.ref);
      const next = { ...(await published()), pending: { oneTime, lastResort, replace, madeAt } };
      const halves = made.map((one) => keyPackages.put([encodeHex(one.ref)], { ...one, madeAt }));
      await store.step([...halves, sets.put([], next)]);
      return next;
    },
    settle: (next) => store.step([sets.put([], next)]),
    async findAll(refs) {
      const found = await store.getMany(refs.map((ref) => keyPackages.key(ref)));
      return found.filter((one) => one !== undefined);
    },
    async sweep() {
      const spent = (await all()).filter(({ madeAt }) => now() - madeAt > KEPT_MS);
      if (spent.length > 0) await store.step(spent.map(({ ref }) => keyPackages.remove(encodeHex(ref))));
    },
  };
}
