import { encodeHex, encodeInboxRun } from '@sotto/protocol';
import { describe, expect, it } from 'vitest';
import type { ConversationDeps } from '../../src/conversation/deps.ts';
import { createInbox, type Joined } from '../../src/conversation/inbox.ts';
import { createMemoryRecordStore } from '../../src/drivers/memory-record-store.ts';
import type { ConversationSettings, DeviceIdentity, Mls } from '../../src/mls/door.ts';
import { createMls } from '../../src/mls/mls.ts';
import { createSealedStore } from '../../src/store/sealed-store.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

/** Devices, whom everybody believes. */
async function createTown() {
  const authentication = { isCurrentDevice: async () => true };
  const mls = await createMls({ authentication, clock: Date.now, random });
  const lawless = await createMls({ authentication, clock: Date.now, random, policy: () => true });
  const device = async (): Promise<DeviceIdentity> => {
    const { publicKey, privateKey } = await mls.generateSignatureKey();
    const [account, id] = [random(16), random(16)];
    return { account, device: id, signatureKey: publicKey, signaturePrivateKey: privateKey };
  };
  return { mls, lawless, device };
}

/** Bob's inbox with these items in it, and what came of them. */
async function readInbox(
  mls: Mls,
  bob: DeviceIdentity,
  make: (keyPackage: Uint8Array) => Promise<Uint8Array>,
) {
  const store = await createSealedStore(await createMemoryRecordStore({ random }), random);
  const [own] = await mls.generateKeyPackages(bob, 1, { lastResort: false });
  const items = [{ seq: 1, expiryDay: 1, body: await make(own!.publicBytes) }];
  const joined: Joined[] = [];
  const trimmed: number[] = [];
  const link = {
    async request(name: string, request: { after?: number; upTo?: number }) {
      if (name === 'inbox:trim') trimmed.push(request.upTo ?? 0);
      const left = items.filter((item) => item.seq > (request.after ?? 0));
      return { ok: true, run: encodeInboxRun(left) };
    },
  };
  const authentication = { unavailable: () => 0, isCurrentDevice: async () => true };
  const failed = (thrown: unknown) => {
    throw thrown;
  };
  const deps = { store, mls, identity: bob, link, authentication, failed, isOnline: () => true };
  const find = async (ref: Uint8Array) => (encodeHex(ref) === encodeHex(own!.ref) ? own : undefined);
  const inbox = createInbox(
    { ...deps, clock: { now: Date.now, after: () => () => undefined } } as unknown as ConversationDeps,
    { find, topUp: async () => true, isReachable: () => true },
    () => false,
    async (one) => void joined.push(one),
  );
  await inbox.readOn();
  return { joined, trimmed };
}

async function welcomeTo(mls: Mls, from: DeviceIdentity, settings: ConversationSettings, bob: Uint8Array) {
  const group = await mls.createGroup(from, random(32), settings);
  const made = await group.makeCommit({ add: [bob], remove: [] });
  if (!made.ok || made.welcome === undefined) throw new Error('no welcome');
  return made.welcome;
}

const sorted = (...accounts: Uint8Array[]) => accounts.sort((a, b) => (encodeHex(a) < encodeHex(b) ? -1 : 1));

describe("a device's inbox", () => {
  it('[SYNC20] joins a direct conversation with its sender, and trims it once it is on disk', async () => {
    const { mls, device } = await createTown();
    const [alice, bob] = [await device(), await device()];
    const accounts = sorted(alice.account, bob.account);
    const { joined, trimmed } = await readInbox(mls, bob, (keyPackage) =>
      welcomeTo(mls, alice, { kind: 'direct', accounts, title: '' }, keyPackage),
    );
    expect(joined.map(({ peer }) => peer)).toEqual([alice.account]);
    expect(joined[0]?.writes).toHaveLength(1);
    expect(trimmed).toEqual([1]);
  });

  it('[SYNC20] drops what is no conversation of two, without a trace', async () => {
    const { mls, lawless, device } = await createTown();
    const [mallory, bob] = [await device(), await device()];
    const { joined, trimmed } = await readInbox(mls, bob, (keyPackage) =>
      welcomeTo(lawless, mallory, { kind: 'group', accounts: [], title: 'win a prize' }, keyPackage),
    );
    expect(joined).toEqual([]);
    expect(trimmed).toEqual([1]);
  });

  it('[SYNC20] drops garbage', async () => {
    const { mls, device } = await createTown();
    const { joined, trimmed } = await readInbox(mls, await device(), async () => random(500));
    expect(joined).toEqual([]);
    expect(trimmed).toEqual([1]);
  });
});
