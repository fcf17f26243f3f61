import type { ClientState, MLSMessage } from 'ts-mls';
import { mlsExporter } from 'ts-mls/keySchedule.js';
import { encodeMlsMessage } from 'ts-mls/message.js';
import { equalBytes, toKey } from './bytes.ts';
import { checkChange } from './change.ts';
import { type GroupState, type MlsContext, readEpoch, refuse } from './context.ts';
import type { Member, MlsGroup, MlsRefusal } from './door.ts';
import { decodeMessage } from './framing.ts';
import { decodeKeyPackageMessage } from './key-package.ts';
import { CAPS } from './limits.ts';
import { createCommit } from './make-commit.ts';
import { encodeEpochPart, encodeRatchets } from './parts.ts';
import { encryptApplication, openContent } from './private-message.ts';
import { applyCommit } from './process-commit.ts';

/** Spent secrets that one value remembers; older ones are left to the garbage collector. */
const SPENT_KEPT = 256;

/** A group's value over its state. Operations leave it as it is and answer the next value. */
export function createGroupValue(context: MlsContext, state: GroupState): MlsGroup {
  const { mls, settings } = state;
  const { groupContext, keySchedule } = mls;
  const active = mls.groupActiveState.kind === 'active';
  const group: MlsGroup = {
    groupId: groupContext.groupId,
    epoch: Number(groupContext.epoch),
    suite: context.suite.name,
    ownLeaf: mls.privatePath.leafIndex,
    settings,
    epochAuthenticator: keySchedule.epochAuthenticator,
    active,
    members: () => state.members.filter((member) => member !== undefined),
    async exportSecret(label, exporterContext, length) {
      mustBeActive(active);
      return mlsExporter(keySchedule.exporterSecret, label, exporterContext, length, context.suite);
    },
    async sealMessage(payload) {
      mustBeActive(active);
      return sealMessage(context, state, payload);
    },
    openMessage: async (body) => (active ? openMessage(context, state, body) : refuse('not_a_member')),
    processCommit: async (body) => (active ? processCommit(context, state, body) : refuse('not_a_member')),
    async makeCommit(change) {
      mustBeActive(active);
      return makeCommit(context, state, change);
    },
    encodeAll: () => ({ epoch: encodeEpochPart(mls), ratchets: encodeRatchets(mls) }),
    encodeChanges: (before) => encodeChanges(context, state, before),
    eraseSpent() {
      for (const secret of state.spent.splice(0)) secret.fill(0);
    },
  };
  context.states.set(group, state);
  return group;
}

function mustBeActive(active: boolean): void {
  if (!active) throw new Error('this device was removed from the group');
}

/** The value after one message: the epoch stands, one ratchet moved. */
function afterMessage(
  context: MlsContext,
  state: GroupState,
  moved: { readonly secretTree: ClientState['secretTree']; readonly spent: readonly Uint8Array[] },
): MlsGroup {
  const mls = { ...state.mls, secretTree: moved.secretTree };
  const spent = [...state.spent, ...moved.spent].slice(-SPENT_KEPT);
  return createGroupValue(context, { ...state, mls, spent });
}

async function sealMessage(context: MlsContext, state: GroupState, payload: Uint8Array) {
  if (payload.length > CAPS.payload) throw new Error('payload is over size');
  const sealed = await encryptApplication(context.suite, state.mls, payload);
  const body = encodeMlsMessage({
    version: 'mls10',
    wireformat: 'mls_private_message',
    privateMessage: sealed.message,
  });
  return { group: afterMessage(context, state, sealed), body };
}

async function openMessage(
  context: MlsContext,
  state: GroupState,
  body: Uint8Array,
): ReturnType<MlsGroup['openMessage']> {
  const message = readEntry(context, state, body, CAPS.message, 'application');
  if (typeof message === 'string') return refuse(message);
  if (message.wireformat !== 'mls_private_message') return refuse('malformed');
  const opened = await openContent(context, state, message.privateMessage);
  if (typeof opened === 'string') return refuse(opened);
  const { content, sender } = opened;
  if (content.contentType !== 'application') return refuse('malformed');
  return { ok: true, group: afterMessage(context, state, opened), sender, payload: content.applicationData };
}

async function processCommit(
  context: MlsContext,
  state: GroupState,
  body: Uint8Array,
): ReturnType<MlsGroup['processCommit']> {
  const message = readEntry(context, state, body, CAPS.commit, 'commit');
  if (typeof message === 'string') return refuse(message);
  const done = await applyCommit(context, state, message);
  if (!done.ok) return done;
  const next = readEpoch(context, done.next, done.spent);
  const removed = done.change.removed.map((leaf) => state.members[leaf]).filter((one) => one !== undefined);
  const keys = new Set(done.change.added.map(({ leafNode }) => toKey(leafNode.signaturePublicKey)));
  const added = next.members.filter((one) => one !== undefined && keys.has(toKey(one.signatureKey)));
  const group = createGroupValue(context, next);
  return { ok: true, group, sender: done.sender, added: added.filter((one) => one !== undefined), removed };
}

async function makeCommit(
  context: MlsContext,
  state: GroupState,
  change: Parameters<MlsGroup['makeCommit']>[0],
): ReturnType<MlsGroup['makeCommit']> {
  const sender = state.members[state.mls.privatePath.leafIndex];
  if (sender === undefined) throw new Error('the tree has no own leaf');
  const added = change.add.map((bytes) => decodeKeyPackageMessage(bytes)).filter((one) => one !== undefined);
  if (added.length !== change.add.length) return refuse('malformed');
  const wanted = { added, removed: change.remove };
  const refusal = await checkChange(context, state, sender, wanted);
  if (refusal !== undefined) return refuse(refusal);
  const made = await createCommit(context, state.mls, wanted);
  if (made.body.length > CAPS.commit || (made.welcome?.length ?? 0) > CAPS.welcome) {
    throw new Error('the commit is over size: add fewer devices at once');
  }
  const next = readEpoch(context, made.next, made.spent);
  const newMembers: Member[] = made.addedLeaves.flatMap((leaf) => next.members[leaf] ?? []);
  const pending = createGroupValue(context, next);
  return { ok: true, body: made.body, welcome: made.welcome, added: newMembers, pending };
}

/** Decodes an entry of the log and holds its frame against the group, before any key is used. */
function readEntry(
  context: MlsContext,
  { mls }: GroupState,
  body: Uint8Array,
  cap: number,
  contentType: 'application' | 'commit',
): MLSMessage | MlsRefusal {
  const message = decodeMessage(body, cap);
  const frame = readFrame(message);
  if (message === undefined || frame === undefined) return 'malformed';
  if (message.wireformat === 'mls_public_message' && !context.interop) {
    return message.publicMessage.senderType === 'member' ? 'policy' : 'not_a_member';
  }
  if (!equalBytes(frame.groupId, mls.groupContext.groupId)) return 'wrong_group';
  if (frame.epoch !== mls.groupContext.epoch) return 'wrong_epoch';
  if (frame.contentType === 'proposal') return 'policy';
  return frame.contentType === contentType && frame.authenticatedData.length === 0 ? message : 'malformed';
}

function readFrame(message: MLSMessage | undefined) {
  if (message?.wireformat === 'mls_private_message') return message.privateMessage;
  return message?.wireformat === 'mls_public_message' ? message.publicMessage.content : undefined;
}

function encodeChanges(context: MlsContext, state: GroupState, before: MlsGroup) {
  const earlier = context.states.get(before);
  if (earlier === undefined) throw new Error('the earlier value is not of this instance');
  const { mls } = state;
  const sameEpoch =
    earlier.mls.keySchedule === mls.keySchedule && earlier.mls.ratchetTree === mls.ratchetTree;
  if (sameEpoch) return { epoch: undefined, ratchets: encodeRatchets(mls, earlier.mls.secretTree) };
  const ratchets = encodeRatchets(mls);
  // A leaf that went blank leaves its record behind: overwrite it, or its secrets outlive the epoch.
  for (const [leaf, member] of earlier.members.entries()) {
    if (member !== undefined && !ratchets.has(String(leaf))) ratchets.set(String(leaf), new Uint8Array());
  }
  return { epoch: encodeEpochPart(mls), ratchets };
}
