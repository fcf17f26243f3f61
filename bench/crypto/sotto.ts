import type { DeviceIdentity, MlsGroup, OwnKeyPackage, SuiteName } from '@sotto/core/mls-testing';
import { createMls } from '@sotto/core/mls-testing';
import type { Contender, Party } from './workload.ts';

/** Devices that one commit adds: more would not fit the limits of an entry. */
const AT_ONCE = 100;

/** The hardened wrapper with its own crypto provider. */
export function sotto(suite: SuiteName, members: readonly number[]): Contender {
  return { name: 'sotto', suite, members, gather: (size) => gather(suite, size) };
}

async function gather(suite: SuiteName, size: number): Promise<Party> {
  const random = (n: number) => crypto.getRandomValues(new Uint8Array(n));
  const mls = await createMls({
    authentication: { isCurrentDevice: async () => true },
    clock: Date.now,
    random,
    suite,
    interop: suite.startsWith('MLS_128'),
    policy: () => true,
  });
  const account = random(16);
  const device = async (): Promise<DeviceIdentity> => {
    const { publicKey, privateKey } = await mls.generateSignatureKey();
    return { account, device: random(16), signatureKey: publicKey, signaturePrivateKey: privateKey };
  };
  let author = await mls.createGroup(await device(), random(32), { kind: 'group', accounts: [], title: '' });
  let newest: { identity: DeviceIdentity; own: OwnKeyPackage; welcome: Uint8Array } | undefined;
  while (author.members().length < size) {
    const left = size - author.members().length;
    const identities = await Promise.all(Array.from({ length: Math.min(AT_ONCE, left) }, device));
    const packages = await Promise.all(
      identities.map((one) => mls.generateKeyPackages(one, 1, { lastResort: false })),
    );
    const own = packages.flat();
    const made = await author.makeCommit({ add: own.map(({ publicBytes }) => publicBytes), remove: [] });
    if (!made.ok) throw new Error(`commit refused: ${made.reason}`);
    author = made.pending;
    const [identity, last] = [identities.at(-1), own.at(-1)];
    if (identity && last && made.welcome) newest = { identity, own: last, welcome: made.welcome };
  }
  const join = async (): Promise<MlsGroup> => {
    if (newest === undefined) throw new Error('nobody joined');
    const { identity, own, welcome } = newest;
    const find = async (ref: Uint8Array) => (ref.every((byte, at) => byte === own.ref[at]) ? own : undefined);
    const joined = await mls.joinGroup(identity, welcome, find);
    if (!joined.ok) throw new Error(`join refused: ${joined.reason}`);
    return joined.group;
  };
  let reader = await join();
  return {
    async seal(payload) {
      const sealed = await author.sealMessage(payload);
      author = sealed.group;
      return sealed.body;
    },
    async open(body) {
      const opened = await reader.openMessage(body);
      if (!opened.ok) throw new Error(`open refused: ${opened.reason}`);
      reader = opened.group;
    },
    async commit() {
      const made = await author.makeCommit({ add: [], remove: [] });
      if (!made.ok) throw new Error(`commit refused: ${made.reason}`);
      return made.body;
    },
    async process(body) {
      const done = await reader.processCommit(body);
      if (!done.ok) throw new Error(`commit refused: ${done.reason}`);
    },
    async join() {
      await join();
    },
  };
}
