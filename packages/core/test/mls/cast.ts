import type { DeviceIdentity, Mls, MlsGroup, OwnKeyPackage } from '../../src/mls/door.ts';
import { createMls } from '../../src/mls/mls.ts';

export const NOW = Date.UTC(2031, 4, 1);
export const DAY = 24 * 3600 * 1000;

export function random(n: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(n));
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** The accounts' chains, as the authentication service sees them: who stands, stands. */
class Chains {
  readonly #devices = new Set<string>();
  asked = 0;
  add(identity: DeviceIdentity): void {
    this.#devices.add(keyOf(identity.account, identity.device, identity.signatureKey));
  }
  revoke(identity: DeviceIdentity): void {
    this.#devices.delete(keyOf(identity.account, identity.device, identity.signatureKey));
  }
  async isCurrentDevice(account: Uint8Array, device: Uint8Array, signatureKey: Uint8Array): Promise<boolean> {
    this.asked += 1;
    return this.#devices.has(keyOf(account, device, signatureKey));
  }
}

function keyOf(...parts: Uint8Array[]): string {
  return parts.map((part) => Buffer.from(part).toString('hex')).join(' ');
}

/** A device with its drawer of KeyPackages. */
export interface Device {
  readonly mls: Mls;
  readonly identity: DeviceIdentity;
  readonly drawer: OwnKeyPackage[];
  /** A fresh KeyPackage, whose private half goes to the drawer. */
  publish(options?: { lastResort: boolean }): Promise<OwnKeyPackage>;
  /** Joins, and drops the private half as the engine does. */
  join(welcome: Uint8Array): ReturnType<Mls['joinGroup']>;
}

export interface World {
  readonly chains: Chains;
  now: number;
  device(account: Uint8Array, options?: { chained?: boolean; mls?: Mls }): Promise<Device>;
  readonly mls: Mls;
  /** Somebody who keeps none of the rules: any policy, any credential, and the clock of `at`. */
  lawless(at?: number): Promise<Mls>;
}

export async function createWorld(): Promise<World> {
  const chains = new Chains();
  const world = { now: NOW };
  const mls = await createMls({ authentication: chains, clock: () => world.now, random });
  const device = async (account: Uint8Array, options: { chained?: boolean; mls?: Mls } = {}) => {
    const keys = await mls.generateSignatureKey();
    const identity = {
      account,
      device: random(16),
      signatureKey: keys.publicKey,
      signaturePrivateKey: keys.privateKey,
    };
    if (options.chained !== false) chains.add(identity);
    return createDevice(options.mls ?? mls, identity);
  };
  return Object.assign(world, { chains, mls, device, lawless });
}

async function lawless(at: number = NOW): Promise<Mls> {
  const authentication = { isCurrentDevice: async () => true };
  return createMls({ authentication, clock: () => at, random, policy: () => true });
}

export function createDevice(mls: Mls, identity: DeviceIdentity): Device {
  const drawer: OwnKeyPackage[] = [];
  return {
    mls,
    identity,
    drawer,
    async publish(options = { lastResort: false }) {
      const [made] = await mls.generateKeyPackages(identity, 1, options);
      if (made === undefined) throw new Error('no key package');
      drawer.push(made);
      return made;
    },
    async join(welcome) {
      const joined = await mls.joinGroup(identity, welcome, async (ref) =>
        drawer.find((one) => same(one.ref, ref)),
      );
      if (joined.ok && !joined.lastResort) {
        drawer.splice(
          drawer.findIndex((one) => same(one.ref, joined.ref)),
          1,
        );
      }
      return joined;
    },
  };
}

export function ok<T extends { ok: boolean }>(result: T): Extract<T, { ok: true }> {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result)}`);
  return result as Extract<T, { ok: true }>;
}

export interface Conversation {
  readonly world: World;
  readonly alice: Device;
  readonly bob: Device;
  readonly accounts: readonly [Uint8Array, Uint8Array];
  /** Alice's and Bob's values, in the same epoch. */
  a: MlsGroup;
  b: MlsGroup;
}

/** Alice has opened a direct conversation with Bob, and both are in. */
export async function aliceAndBob(): Promise<Conversation> {
  const world = await createWorld();
  const [first, second] = [random(16), random(16)].sort(Buffer.compare) as [Uint8Array, Uint8Array];
  const alice = await world.device(first);
  const bob = await world.device(second);
  const created = await alice.mls.createGroup(alice.identity, random(32), {
    kind: 'direct',
    accounts: [first, second],
    title: 'sotto voce',
  });
  const made = ok(await created.makeCommit({ add: [(await bob.publish()).publicBytes], remove: [] }));
  const joined = ok(await bob.join(made.welcome ?? new Uint8Array()));
  return { world, alice, bob, accounts: [first, second], a: made.pending, b: joined.group };
}

/** Sends from one value to another; both come back moved. */
export async function tell(
  from: MlsGroup,
  to: MlsGroup,
  words: string,
): Promise<[MlsGroup, MlsGroup, string]> {
  const sealed = await from.sealMessage(text(words));
  const opened = ok(await to.openMessage(sealed.body));
  return [sealed.group, opened.group, new TextDecoder().decode(opened.payload)];
}

export interface Crowd {
  readonly devices: { readonly device: Device; group: MlsGroup }[];
  /** The device at `by` commits, all others process. */
  commit(by: number, add: Uint8Array[], remove: number[]): Promise<Uint8Array | undefined>;
  /** The device at `by` adds a new device of account 0 or 1, which joins. */
  grow(by: number, account: number): Promise<void>;
  /** The device at `by` removes the one at `whom`. */
  shrink(by: number, whom: number): Promise<void>;
  /** One of the above, by numbers that may be any. */
  step(what: number, by: number, whom: number): Promise<void>;
  /** Everybody has the same epoch authenticator and sees as many members as there are. */
  agrees(): boolean;
}

/** A direct conversation with more and more devices. */
export async function createCrowd(): Promise<Crowd> {
  const { world, alice, bob, accounts, a, b } = await aliceAndBob();
  const devices = [
    { device: alice, group: a },
    { device: bob, group: b },
  ];
  const commit: Crowd['commit'] = async (by, add, remove) => {
    const author = devices[by];
    const made = ok((await author?.group.makeCommit({ add, remove })) ?? { ok: false });
    for (const other of devices) {
      if (other !== author) other.group = ok(await other.group.processCommit(made.body)).group;
    }
    if (author !== undefined) author.group = made.pending;
    return made.welcome;
  };
  const crowd: Crowd = {
    devices,
    commit,
    async step(what, anyBy, anyWhom) {
      const [by, whom] = [anyBy % devices.length, anyWhom % devices.length];
      if (what === 0 || devices.length < 3) await crowd.grow(by, anyWhom % 2);
      else if (what === 1) await commit(by, [], []);
      else await crowd.shrink(by, whom);
    },
    async grow(by, account) {
      const device = await world.device(accounts[account] ?? accounts[0]);
      const welcome = await commit(by, [(await device.publish()).publicBytes], []);
      devices.push({ device, group: ok(await device.join(welcome ?? new Uint8Array())).group });
    },
    async shrink(by, whom) {
      if (by === whom) return;
      const leaf = devices[whom]?.group.ownLeaf ?? -1;
      await commit(by, [], [leaf]);
      devices.splice(whom, 1);
    },
    agrees: () =>
      devices.every(
        ({ group }) =>
          same(group.epochAuthenticator, devices[0]?.group.epochAuthenticator ?? new Uint8Array()) &&
          group.members().length === devices.length,
      ),
  };
  return crowd;
}
