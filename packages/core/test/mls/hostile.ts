// What honest code cannot make: commits, proposals and frames of a member who keeps to no rules, over the bare library.
import type { ClientState, Proposal } from 'ts-mls';
import {
  createCommit,
  createGroupInfoWithExternalPubAndRatchetTree,
  joinGroupExternal,
} from 'ts-mls/createCommit.js';
import { createProposal } from 'ts-mls/createMessage.js';
import { generateKeyPackageWithKey } from 'ts-mls/keyPackage.js';
import { encodeMlsMessage } from 'ts-mls/message.js';
import { encodePrivateContentAAD, encryptSenderData } from 'ts-mls/privateMessage.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import type { ReuseGuard } from 'ts-mls/sender.js';
import { createClientConfig, type MlsContext } from '../../src/mls/context.ts';
import type { DeviceIdentity, MlsGroup } from '../../src/mls/door.ts';
import { encodeCredential } from '../../src/mls/identity.ts';
import { decodeParts } from '../../src/mls/parts.ts';
import { guardNonce, takeMessageKey } from '../../src/mls/ratchet.ts';
import { createSuite, DEFAULT_SUITE } from '../../src/mls/suite.ts';
import { random } from './cast.ts';

export const suite = await createSuite(DEFAULT_SUITE, random);
const config = createClientConfig({ isCurrentDevice: async () => true }, false);
export const context: MlsContext = {
  suite,
  authentication: { isCurrentDevice: async () => true },
  clock: Date.now,
  policy: () => true,
  config,
  interop: false,
  states: new WeakMap(),
};

/** The library's state behind a value. */
export function stateOf(identity: DeviceIdentity, group: MlsGroup): ClientState {
  return decodeParts(context, identity, group.encodeAll());
}

export async function commitWith(
  state: ClientState,
  extraProposals: Proposal[],
  wireAsPublicMessage = false,
  cipherSuite = suite,
) {
  const options = { extraProposals, wireAsPublicMessage };
  const made = await createCommit({ state, cipherSuite, pskIndex: emptyPskIndex }, options);
  return encodeMlsMessage(made.commit);
}

export async function proposalOf(state: ClientState, proposal: Proposal, asPublic: boolean) {
  const made = await createProposal(state, asPublic, proposal, suite);
  return { body: encodeMlsMessage(made.message), state: made.newState };
}

/** An outsider's external commit, made possible by a member who leaks a GroupInfo. */
export async function externalCommit(state: ClientState, outsider: DeviceIdentity): Promise<Uint8Array> {
  const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(state, [], suite);
  const pair = await rawKeyPackage(outsider, {});
  const { publicPackage, privatePackage } = pair;
  const made = await joinGroupExternal(
    groupInfo,
    publicPackage,
    privatePackage,
    false,
    suite,
    undefined,
    config,
  );
  return encodeMlsMessage({
    version: 'mls10',
    wireformat: 'mls_public_message',
    publicMessage: made.publicMessage,
  });
}

export async function rawKeyPackage(
  identity: DeviceIdentity,
  options: {
    notBefore?: bigint;
    notAfter?: bigint;
    extensions?: number[];
    ciphersuites?: (typeof suite.name)[];
  },
) {
  return generateKeyPackageWithKey(
    encodeCredential(identity),
    {
      versions: ['mls10'],
      ciphersuites: options.ciphersuites ?? [suite.name],
      extensions: options.extensions ?? [0xfa50],
      proposals: [],
      credentials: ['basic'],
    },
    { notBefore: options.notBefore ?? 0n, notAfter: options.notAfter ?? 2n ** 62n },
    [],
    { signKey: identity.signaturePrivateKey, publicKey: identity.signatureKey },
    suite,
  );
}

/** A frame whose plaintext is whatever the member likes. */
export async function framePlain(
  state: ClientState,
  contentType: 'application' | 'commit',
  plain: Uint8Array,
  generation = 0,
): Promise<Uint8Array> {
  const leafIndex = state.privatePath.leafIndex;
  const node = state.secretTree[leafIndex * 2];
  const ratchet = contentType === 'application' ? node?.application : node?.handshake;
  if (ratchet === undefined) throw new Error('no ratchet');
  const taken = await takeMessageKey(suite, ratchet, generation);
  if (typeof taken === 'string') throw new Error(taken);
  const { groupId, epoch } = state.groupContext;
  const frame = { groupId, epoch, contentType, authenticatedData: new Uint8Array() };
  const reuseGuard = random(4) as ReuseGuard;
  const nonce = guardNonce(taken.nonce, reuseGuard);
  const ciphertext = await suite.hpke.encryptAead(taken.key, nonce, encodePrivateContentAAD(frame), plain);
  const senderData = { leafIndex, generation: taken.generation, reuseGuard };
  const { senderDataSecret } = state.keySchedule;
  const encryptedSenderData = await encryptSenderData(senderDataSecret, senderData, frame, ciphertext, suite);
  const privateMessage = { ...frame, encryptedSenderData, ciphertext };
  return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_private_message', privateMessage });
}
