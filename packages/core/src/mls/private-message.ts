import type { CiphersuiteImpl, ClientState, PrivateMessage, SecretTree } from 'ts-mls';
import type { AuthenticatedContent } from 'ts-mls/authenticatedContent.js';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import {
  signFramedContentApplicationOrProposal,
  verifyFramedContentSignature,
} from 'ts-mls/framedContent.js';
import {
  decodePrivateMessageContent,
  encodePrivateContentAAD,
  encryptSenderData,
  type PrivateMessageContent,
  privateMessageContentEncoder,
  toAuthenticatedContent,
} from 'ts-mls/privateMessage.js';
import {
  decodeSenderData,
  encodeSenderDataAAD,
  expandSenderDataKey,
  expandSenderDataNonce,
  type ReuseGuard,
} from 'ts-mls/sender.js';
import { equalBytes } from './bytes.ts';
import { type GroupState, leafAt, type MlsContext } from './context.ts';
import type { Member, MlsRefusal } from './door.ts';
import { paddedLength } from './framing.ts';
import { guardNonce, type MessageKey, takeMessageKey } from './ratchet.ts';

const NOTHING = new Uint8Array();

export interface OpenedContent {
  readonly sender: Member;
  readonly content: PrivateMessageContent;
  readonly framed: AuthenticatedContent;
  /** The secret tree with this generation used up. */
  readonly secretTree: SecretTree;
  readonly spent: readonly Uint8Array[];
}

/** Encrypts content of ours (RFC 9420 §6.3). The tree that comes back holds the next generation of our ratchet. */
export async function encryptContent(
  suite: CiphersuiteImpl,
  mls: ClientState,
  content: PrivateMessageContent,
): Promise<{ message: PrivateMessage; secretTree: SecretTree; spent: readonly Uint8Array[] }> {
  const leafIndex = mls.privatePath.leafIndex;
  const taken = await takeKey(suite, mls, leafIndex, content.contentType, undefined);
  if (typeof taken === 'string') throw new Error('own ratchet is exhausted');
  const reuseGuard = suite.rng.randomBytes(4) as ReuseGuard;
  const { groupId, epoch } = mls.groupContext;
  const frame = { groupId, epoch, contentType: content.contentType, authenticatedData: NOTHING };
  const plain = encodePadded(content);
  const ciphertext = await suite.hpke.encryptAead(
    taken.key,
    guardNonce(taken.nonce, reuseGuard),
    encodePrivateContentAAD(frame),
    plain,
  );
  taken.key.fill(0);
  const senderData = { leafIndex, generation: taken.generation, reuseGuard };
  const encryptedSenderData = await encryptSenderData(
    mls.keySchedule.senderDataSecret,
    senderData,
    frame,
    ciphertext,
    suite,
  );
  const secretTree = replaceRatchet(mls.secretTree, leafIndex, content.contentType, taken);
  return { message: { ...frame, encryptedSenderData, ciphertext }, secretTree, spent: taken.spent };
}

/** Signs and encrypts an application message (RFC 9420 §6.1, §6.3). */
export async function encryptApplication(
  suite: CiphersuiteImpl,
  mls: ClientState,
  applicationData: Uint8Array,
) {
  const { groupContext, signaturePrivateKey, privatePath } = mls;
  const content = {
    contentType: 'application' as const,
    applicationData,
    groupId: groupContext.groupId,
    epoch: groupContext.epoch,
    sender: { senderType: 'member' as const, leafIndex: privatePath.leafIndex },
    authenticatedData: NOTHING,
  };
  const auth = await signFramedContentApplicationOrProposal(
    signaturePrivateKey,
    {
      protocolVersion: groupContext.version,
      wireformat: 'mls_private_message',
      content,
      senderType: 'member',
      context: groupContext,
    },
    suite,
  );
  return encryptContent(suite, mls, { contentType: 'application', applicationData, auth });
}

/**
 * Decrypts and verifies a PrivateMessage of the group's current epoch. Whatever the relay or a member put into it, the
 * answer is a content whose signature by `sender`'s leaf holds, or the reason why not; `state` stays as it was.
 */
export async function openContent(
  context: MlsContext,
  state: GroupState,
  message: PrivateMessage,
): Promise<OpenedContent | MlsRefusal> {
  const { suite } = context;
  const { mls } = state;
  const senderData = await openSenderData(suite, mls, message);
  if (senderData === undefined) return 'decrypt_failed';
  if (senderData.leafIndex === mls.privatePath.leafIndex) return 'own_entry';
  const sender = state.members[senderData.leafIndex];
  const leaf = leafAt(mls.ratchetTree, senderData.leafIndex);
  if (sender === undefined || leaf === undefined) return 'not_a_member';
  const taken = await takeKey(suite, mls, sender.leaf, message.contentType, senderData.generation);
  if (taken === 'replayed') return 'replayed';
  if (taken === 'too_far') return 'decrypt_failed';
  const plain = await decryptAead(suite, taken, senderData.reuseGuard, message);
  taken.key.fill(0);
  if (plain === undefined) return 'decrypt_failed';
  const content = decodePadded(message.contentType, plain);
  if (content === undefined) return 'malformed';
  const framed = toAuthenticatedContent(content, message, sender.leaf);
  const signed = await verifyFramedContentSignature(
    leaf.signaturePublicKey,
    'mls_private_message',
    framed.content,
    framed.auth,
    mls.groupContext,
    suite.signature,
  );
  if (!signed) return 'bad_signature';
  const secretTree = replaceRatchet(mls.secretTree, sender.leaf, message.contentType, taken);
  return { sender, content, framed, secretTree, spent: taken.spent };
}

async function openSenderData(suite: CiphersuiteImpl, mls: ClientState, message: PrivateMessage) {
  const { senderDataSecret } = mls.keySchedule;
  const key = await expandSenderDataKey(suite, senderDataSecret, message.ciphertext);
  const nonce = await expandSenderDataNonce(suite, senderDataSecret, message.ciphertext);
  try {
    const aad = encodeSenderDataAAD(message);
    const plain = await suite.hpke.decryptAead(key, nonce, aad, message.encryptedSenderData);
    return plain.length === 12 ? decodeSenderData(plain, 0)?.[0] : undefined;
  } catch {
    return undefined;
  }
}

async function decryptAead(
  suite: CiphersuiteImpl,
  { key, nonce }: MessageKey,
  reuseGuard: Uint8Array,
  message: PrivateMessage,
): Promise<Uint8Array | undefined> {
  try {
    const aad = encodePrivateContentAAD(message);
    return await suite.hpke.decryptAead(key, guardNonce(nonce, reuseGuard), aad, message.ciphertext);
  } catch {
    return undefined;
  }
}

function ratchetName(contentType: PrivateMessage['contentType']): 'application' | 'handshake' {
  return contentType === 'application' ? 'application' : 'handshake';
}

async function takeKey(
  suite: CiphersuiteImpl,
  mls: ClientState,
  leaf: number,
  contentType: PrivateMessage['contentType'],
  generation: number | undefined,
) {
  const node = mls.secretTree[leaf * 2];
  if (node === undefined) throw new Error('the secret tree has no such leaf');
  const ratchet = node[ratchetName(contentType)];
  return takeMessageKey(suite, ratchet, generation ?? ratchet.generation);
}

function replaceRatchet(
  tree: SecretTree,
  leaf: number,
  contentType: PrivateMessage['contentType'],
  taken: MessageKey,
): SecretTree {
  const node = tree[leaf * 2];
  if (node === undefined) throw new Error('the secret tree has no such leaf');
  const next = tree.slice();
  next[leaf * 2] = { ...node, [ratchetName(contentType)]: taken.next };
  return next;
}

function encodePadded(content: PrivateMessageContent): Uint8Array {
  const [length] = privateMessageContentEncoder({ kind: 'alwaysPad', paddingLength: 0 })(content);
  const paddingLength = paddedLength(length) - length;
  return encode(privateMessageContentEncoder({ kind: 'alwaysPad', paddingLength }))(content);
}

/** Undefined unless the plaintext is a minimal encoding followed by zeros: another member chose it. */
function decodePadded(
  contentType: PrivateMessage['contentType'],
  plain: Uint8Array,
): PrivateMessageContent | undefined {
  try {
    const content = decodePrivateMessageContent(contentType)(plain, 0)?.[0];
    if (content === undefined) return undefined;
    const minimal = encode(privateMessageContentEncoder({ kind: 'alwaysPad', paddingLength: 0 }))(content);
    return equalBytes(plain.subarray(0, minimal.length), minimal) ? content : undefined;
  } catch {
    return undefined;
  }
}
