import {
  acceptAll,
  type CiphersuiteName,
  type ClientState,
  createApplicationMessage,
  createCommit,
  createGroup,
  decodeMlsMessage,
  emptyPskIndex,
  encodeMlsMessage,
  generateKeyPackage,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  type Proposal,
  processPrivateMessage,
} from 'ts-mls';
import type { Contender, Party } from './workload.ts';

const AT_ONCE = 100;

/** The floor: ts-mls as it comes, with its default provider and none of the wrapper's checks. */
export function bare(suite: CiphersuiteName, members: readonly number[]): Contender {
  return { name: 'bare ts-mls', suite, members, gather: (size) => gather(suite, size) };
}

async function gather(suiteName: CiphersuiteName, size: number): Promise<Party> {
  const suite = await getCiphersuiteImpl(getCiphersuiteFromName(suiteName));
  const device = () => {
    const identity = crypto.getRandomValues(new Uint8Array(32));
    const capabilities = {
      versions: ['mls10' as const],
      ciphersuites: [suiteName],
      extensions: [],
      proposals: [],
      credentials: ['basic' as const],
    };
    const lifetime = { notBefore: 0n, notAfter: 9223372036854775807n };
    return generateKeyPackage({ credentialType: 'basic', identity }, capabilities, lifetime, [], suite);
  };
  const first = await device();
  const groupId = crypto.getRandomValues(new Uint8Array(32));
  let author = await createGroup(groupId, first.publicPackage, first.privatePackage, [], suite);
  let join: () => Promise<ClientState> = async () => author;
  for (let count = 1; count < size; ) {
    const added = await Promise.all(Array.from({ length: Math.min(AT_ONCE, size - count) }, device));
    count += added.length;
    const extraProposals = added.map(
      ({ publicPackage }): Proposal => ({ proposalType: 'add', add: { keyPackage: publicPackage } }),
    );
    const options = { extraProposals, ratchetTreeExtension: true };
    const made = await createCommit({ state: author, cipherSuite: suite }, options);
    author = made.newState;
    const [last, welcome] = [added.at(-1), made.welcome];
    if (last === undefined || welcome === undefined) throw new Error('nobody to join');
    join = () => joinGroup(welcome, last.publicPackage, last.privatePackage, emptyPskIndex, suite);
  }
  let reader = await join();
  const process = async (body: Uint8Array) => {
    const message = decodeMlsMessage(body, 0)?.[0];
    if (message?.wireformat !== 'mls_private_message') throw new Error('not a private message');
    return processPrivateMessage(reader, message.privateMessage, emptyPskIndex, suite, acceptAll);
  };
  return {
    async seal(payload) {
      const { newState, privateMessage } = await createApplicationMessage(author, payload, suite);
      author = newState;
      return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_private_message', privateMessage });
    },
    async open(body) {
      reader = (await process(body)).newState;
    },
    async commit() {
      return encodeMlsMessage((await createCommit({ state: author, cipherSuite: suite })).commit);
    },
    async process(body) {
      // The library zeroes nothing that a second run would need.
      await process(body);
    },
    async join() {
      await join();
    },
  };
}
