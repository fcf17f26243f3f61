// Both implementations in one page: Sotto's wrapper over ts-mls, and CoreCrypto over OpenMLS (wasm). Each `story` throws
// where they disagree. CoreCrypto's KeyPackages lack the MLSMessage header, ours carry it.

import type { DeviceIdentity, Mls, MlsGroup, OwnKeyPackage } from '@sotto/core/mls-testing';
import { createMls, createSuite, DEFAULT_SUITE } from '@sotto/core/mls-testing';
import {
  CipherSuite,
  ClientId,
  type CommitBundle,
  ConversationId,
  CoreCrypto,
  Credential,
  type CredentialRef,
  Database,
  DeviceId,
  initWasmModule,
  KeyPackage,
  Uuid,
  Welcome,
} from '@wireapp/core-crypto/browser';

const SUITE = CipherSuite.Mls128Dhkemx25519Aes128gcmSha256Ed25519;
/** version mls10, wireformat mls_key_package (RFC 9420 §6). */
const KEY_PACKAGE_HEADER = Uint8Array.of(0, 1, 0, 5);

function random(n: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(n));
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function withHeader(header: Uint8Array, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(header.length + bytes.length);
  out.set(header);
  out.set(bytes, header.length);
  return out;
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not so: ${what}`);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function clientId(device: bigint): ClientId {
  return new ClientId(new Uuid(crypto.randomUUID()), new DeviceId(device), 'sotto.example');
}

/** A device of the other implementation. */
class Theirs {
  readonly #core: CoreCrypto;
  readonly #sent: CommitBundle[];
  readonly #credential: CredentialRef;
  readonly id: ClientId;
  private constructor(core: CoreCrypto, sent: CommitBundle[], credential: CredentialRef, id: ClientId) {
    this.#core = core;
    this.#sent = sent;
    this.#credential = credential;
    this.id = id;
  }
  static async create(device: bigint): Promise<Theirs> {
    const core = CoreCrypto.new((await Database.inMemory()) as Database);
    const sent: CommitBundle[] = [];
    const id = clientId(device);
    const transport = {
      async sendCommitBundle(bundle: CommitBundle) {
        sent.push(bundle);
      },
      async prepareForTransport(): Promise<never> {
        throw new Error('no history here');
      },
    };
    const credential = await core.transaction(async (context) => {
      await context.mlsInit(id, transport);
      return (await context.addCredential(Credential.basic(SUITE, id))) as CredentialRef;
    });
    return new Theirs(core, sent, credential, id);
  }
  async create(group: Uint8Array): Promise<void> {
    await this.#core.transaction((context) =>
      context.createConversation(new ConversationId(group), this.#credential),
    );
  }
  async publish(): Promise<Uint8Array> {
    const made = await this.#core.transaction((context) => context.generateKeyPackage(this.#credential));
    return withHeader(KEY_PACKAGE_HEADER, made.serialize());
  }
  async join(welcome: Uint8Array): Promise<void> {
    await this.#core.transaction((context) => context.processWelcomeMessage(new Welcome(welcome)));
  }
  async add(group: Uint8Array, keyPackage: Uint8Array) {
    const bare = new KeyPackage(keyPackage.slice(4));
    await this.#core.transaction((context) =>
      context.addClientsToConversation(new ConversationId(group), [bare]),
    );
    return this.#lastCommit();
  }
  async remove(group: Uint8Array, id: ClientId) {
    await this.#core.transaction((context) =>
      context.removeClientsFromConversation(new ConversationId(group), [id]),
    );
    return this.#lastCommit();
  }
  async update(group: Uint8Array) {
    await this.#core.transaction((context) => context.updateKeyingMaterial(new ConversationId(group)));
    return this.#lastCommit();
  }
  async seal(group: Uint8Array, payload: Uint8Array): Promise<Uint8Array> {
    return this.#core.transaction((context) => context.encryptMessage(new ConversationId(group), payload));
  }
  async open(group: Uint8Array, body: Uint8Array) {
    return this.#core.transaction((context) => context.decryptMessage(new ConversationId(group), body));
  }
  async epoch(group: Uint8Array): Promise<number> {
    return Number(
      await this.#core.transaction((context) => context.conversationEpoch(new ConversationId(group))),
    );
  }
  #lastCommit(): { commit: Uint8Array; welcome: Uint8Array | undefined } {
    const bundle = this.#sent.pop();
    if (bundle === undefined) throw new Error('no commit was sent');
    return { commit: bundle.commit, welcome: bundle.welcome?.serialize() };
  }
}

/** A device of ours. Its credential names it as the other implementation wants it. */
class Ours {
  readonly #mls: Mls;
  readonly #identity: DeviceIdentity;
  readonly #drawer: OwnKeyPackage[] = [];
  readonly id: ClientId;
  #group: MlsGroup | undefined;
  private constructor(mls: Mls, identity: DeviceIdentity, id: ClientId) {
    this.#mls = mls;
    this.#identity = identity;
    this.id = id;
  }
  static async create(device: bigint): Promise<Ours> {
    const mls = await createMls({
      authentication: { isCurrentDevice: async () => true },
      clock: Date.now,
      random,
      suite: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
      policy: () => true,
      interop: true,
    });
    const id = clientId(device);
    const name = id.copyBytes();
    const keys = await mls.generateSignatureKey();
    const identity = {
      account: name.slice(0, 16),
      device: name.slice(16),
      signatureKey: keys.publicKey,
      signaturePrivateKey: keys.privateKey,
    };
    return new Ours(mls, identity, id);
  }
  get group(): MlsGroup {
    if (this.#group === undefined) throw new Error('in no group');
    return this.#group;
  }
  async create(group: Uint8Array): Promise<void> {
    this.#group = await this.#mls.createGroup(this.#identity, group, {
      kind: 'group',
      accounts: [],
      title: '',
    });
  }
  async publish(): Promise<Uint8Array> {
    const [made] = await this.#mls.generateKeyPackages(this.#identity, 1, { lastResort: false });
    if (made === undefined) throw new Error('no key package');
    this.#drawer.push(made);
    return made.publicBytes;
  }
  async join(welcome: Uint8Array): Promise<void> {
    const find = async (ref: Uint8Array) => this.#drawer.find((one) => same(one.ref, ref));
    const joined = await this.#mls.joinGroup(this.#identity, welcome, find);
    if (!joined.ok) throw new Error(`our join refused: ${joined.reason}`);
    this.#group = joined.group;
  }
  async commit(add: Uint8Array[], remove: number[]) {
    const made = await this.group.makeCommit({ add, remove });
    if (!made.ok) throw new Error(`our commit refused: ${made.reason}`);
    this.#group = made.pending;
    return { commit: made.body, welcome: made.welcome };
  }
  leafOf(id: ClientId): number {
    const name = id.copyBytes();
    const member = this.group.members().find((one) => same(withHeader(one.account, one.device), name));
    return member?.leaf ?? -1;
  }
  async process(commit: Uint8Array) {
    const done = await this.group.processCommit(commit);
    if (!done.ok) throw new Error(`our processing refused: ${done.reason}`);
    this.#group = done.group;
    return done;
  }
  async seal(payload: Uint8Array): Promise<Uint8Array> {
    const sealed = await this.group.sealMessage(payload);
    this.#group = sealed.group;
    return sealed.body;
  }
  async open(body: Uint8Array): Promise<Uint8Array> {
    const opened = await this.group.openMessage(body);
    if (!opened.ok) throw new Error(`our opening refused: ${opened.reason}`);
    this.#group = opened.group;
    return opened.payload;
  }
}

/** Both send, both open, and they count the same epoch. */
async function talk(id: Uint8Array, ours: Ours, theirs: Theirs): Promise<void> {
  for (const words of ['one', 'two', 'x'.repeat(5000)]) {
    expect(same(await ours.open(await theirs.seal(id, text(words))), text(words)), 'we open what they seal');
    const opened = await theirs.open(id, await ours.seal(text(words)));
    expect(opened.tag === 'Text', 'they open what we seal');
    if (opened.tag === 'Text') expect(same(opened.inner.plaintext, text(words)), 'they read what we wrote');
  }
  expect((await theirs.epoch(id)) === ours.group.epoch, 'one epoch');
}

/** The stories, by name. */
const stories = {
  async 'we create, they join, both update and talk'() {
    const [ours, theirs, id] = [await Ours.create(1n), await Theirs.create(2n), random(32)];
    await ours.create(id);
    const added = await ours.commit([await theirs.publish()], []);
    await theirs.join(added.welcome ?? text(''));
    await talk(id, ours, theirs);
    await theirs.open(id, (await ours.commit([], [])).commit);
    await talk(id, ours, theirs);
    await ours.process((await theirs.update(id)).commit);
    await talk(id, ours, theirs);
  },
  async 'they create, we join, both update and talk'() {
    const [ours, theirs, id] = [await Ours.create(1n), await Theirs.create(2n), random(32)];
    await theirs.create(id);
    const added = await theirs.add(id, await ours.publish());
    await ours.join(added.welcome ?? text(''));
    await talk(id, ours, theirs);
    await ours.process((await theirs.update(id)).commit);
    await talk(id, ours, theirs);
    await theirs.open(id, (await ours.commit([], [])).commit);
    await talk(id, ours, theirs);
  },
  async 'both add and both remove, and the removed know it'() {
    const [ours, theirs, id] = [await Ours.create(1n), await Theirs.create(2n), random(32)];
    const [carol, dave] = [await Theirs.create(3n), await Ours.create(4n)];
    await ours.create(id);
    await theirs.join((await ours.commit([await theirs.publish()], [])).welcome ?? text(''));
    const byUs = await ours.commit([await carol.publish()], []);
    await theirs.open(id, byUs.commit);
    await carol.join(byUs.welcome ?? text(''));
    const byThem = await theirs.add(id, await dave.publish());
    await ours.process(byThem.commit);
    await carol.open(id, byThem.commit);
    await dave.join(byThem.welcome ?? text(''));
    const words = await dave.seal(text('four of us'));
    expect(same(await ours.open(words), text('four of us')), 'ours reads dave');
    for (const reader of [theirs, carol])
      expect((await reader.open(id, words)).tag === 'Text', 'theirs read dave');
    const removeDave = await theirs.remove(id, dave.id);
    expect(!(await dave.process(removeDave.commit)).group.active, 'our removed device knows it');
    await ours.process(removeDave.commit);
    await carol.open(id, removeDave.commit);
    const removeCarol = await ours.commit([], [ours.leafOf(carol.id)]);
    await theirs.open(id, removeCarol.commit);
    const told = await carol.open(id, removeCarol.commit);
    expect(told.tag === 'Commit' && !told.inner.isActive, 'their removed device knows it');
    await talk(id, ours, theirs);
    expect(ours.group.members().length === 2, 'two are left');
  },
  async 'the first half of the tree empties, and the rest goes on'() {
    const [alice, bob, id] = [await Ours.create(1n), await Theirs.create(2n), random(32)];
    const [carol, dave] = [await Theirs.create(3n), await Ours.create(4n)];
    await alice.create(id);
    const keyPackages = [await bob.publish(), await carol.publish(), await dave.publish()];
    const added = await alice.commit(keyPackages, []);
    for (const device of [bob, carol, dave]) await device.join(added.welcome ?? text(''));
    await talk(id, dave, carol);
    const leaves = [dave.leafOf(alice.id), dave.leafOf(bob.id)];
    const removed = await dave.commit([], leaves);
    await carol.open(id, removed.commit);
    await talk(id, dave, carol);
    await dave.process((await carol.update(id)).commit);
    await talk(id, dave, carol);
    await carol.open(id, (await dave.commit([], [])).commit);
    await talk(id, dave, carol);
  },
};

/** The same suite with the browser's own primitives and with the portable ones: each opens what the other seals. */
async function compareProviders(): Promise<void> {
  const [native, portable] = await Promise.all(
    [true, false].map((isBrowser) => createSuite(DEFAULT_SUITE, random, isBrowser)),
  );
  if (native === undefined || portable === undefined) throw new Error('no suite');
  for (const [one, other] of [
    [native, portable],
    [portable, native],
  ] as const) {
    const pair = await one.hpke.generateKeyPair();
    const [secret, info] = [random(200), random(20_000)];
    const publicKey = await other.hpke.importPublicKey(await one.hpke.exportPublicKey(pair.publicKey));
    const sealed = await other.hpke.seal(publicKey, secret, info, text('aad'));
    const opened = await one.hpke.open(pair.privateKey, sealed.enc, sealed.ct, info, text('aad'));
    expect(same(opened, secret), 'one opens what the other seals');
    const privateKey = await one.hpke.exportPrivateKey(pair.privateKey);
    const exported = await one.hpke.exportPublicKey(pair.publicKey);
    expect(same(await other.publicKeyOf(privateKey), exported), 'one public key');
    const [key, nonce] = [random(32), random(12)];
    const body = await one.hpke.encryptAead(key, nonce, info, secret);
    expect(same(await other.hpke.decryptAead(key, nonce, info, body), secret), 'one AEAD');
    const { signKey, publicKey: verifyKey } = await one.signature.keygen();
    const signature = await one.signature.sign(signKey, secret);
    expect(await other.signature.verify(verifyKey, secret, signature), 'one signature');
    expect(same(await one.hash.digest(info), await other.hash.digest(info)), 'one hash');
  }
}

declare global {
  interface Window {
    sotto: {
      ready: Promise<void>;
      names: string[];
      run(name: string): Promise<void>;
      compareProviders(): Promise<void>;
    };
  }
}

window.sotto = {
  ready: initWasmModule('/core-crypto.wasm'),
  names: Object.keys(stories),
  compareProviders,
  async run(name) {
    const story = stories[name as keyof typeof stories];
    if (story === undefined) throw new Error('no such story');
    await story();
  },
};
