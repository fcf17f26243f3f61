import type { ClientConfig, ClientState } from 'ts-mls';
import type { LeafNode } from 'ts-mls/leafNode.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { leafWidth } from 'ts-mls/treemath.js';
import type { Authentication, ConversationSettings, Member, MlsGroup, MlsRefusal, Refused } from './door.ts';
import { readIdentity, readMembers } from './identity.ts';
import { GENERATIONS, SETTINGS_EXTENSION } from './limits.ts';
import type { Policy } from './policy.ts';
import { decodeSettings } from './settings.ts';
import type { Suite } from './suite.ts';

/** What every operation of one `createMls` shares. */
export interface MlsContext {
  readonly suite: Suite;
  readonly authentication: Authentication;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly policy: Policy;
  readonly config: ClientConfig;
  /** Interoperability test only: handshakes as PublicMessage, settings extension and 32-byte group ids not asked for. */
  readonly interop: boolean;
  readonly states: WeakMap<MlsGroup, GroupState>;
}

/** A group's value: the library's state, and what follows from it for as long as the epoch stands. */
export interface GroupState {
  readonly mls: ClientState;
  readonly settings: ConversationSettings;
  /** By leaf index, undefined where blank. */
  readonly members: readonly (Member | undefined)[];
  /** Secrets that earlier values still hold and this one has used up: zeroed and forgotten by `eraseSpent`. */
  readonly spent: Uint8Array[];
}

export function refuse(reason: MlsRefusal): Refused {
  return { ok: false, reason };
}

export function leafAt(tree: RatchetTree, leaf: number): LeafNode | undefined {
  const node = tree[leaf * 2];
  return node?.nodeType === 'leaf' ? node.leaf : undefined;
}

/** Members and settings of an epoch that has passed its checks. Throws when it has not. */
export function readEpoch(context: MlsContext, mls: ClientState, spent: readonly Uint8Array[]): GroupState {
  const tree = mls.ratchetTree;
  const settings = readSettings(context, mls.groupContext.extensions);
  if (settings === undefined) throw new Error('the group context holds no conversation settings');
  const leaves = Array.from({ length: leafWidth(tree.length) }, (_, leaf) => leafAt(tree, leaf));
  return { mls, settings, members: readMembers(leaves, context.interop), spent: [...spent] };
}

export function readSettings(
  context: MlsContext,
  extensions: ClientState['groupContext']['extensions'],
): ConversationSettings | undefined {
  const own = extensions.filter(({ extensionType }) => extensionType === SETTINGS_EXTENSION);
  const [extension] = own;
  if (extension === undefined && context.interop) return { kind: 'group', accounts: [], title: '' };
  return extension === undefined || own.length > 1 ? undefined : decodeSettings(extension.extensionData);
}

/**
 * The library's own knobs. No epoch of the past is kept, and the credential check runs there too: what the wrapper has
 * checked first is checked again where the library applies it.
 */
export function createClientConfig(authentication: Authentication, interop: boolean): ClientConfig {
  return {
    keyRetentionConfig: {
      retainKeysForEpochs: 1,
      retainKeysForGenerations: GENERATIONS.kept,
      maximumForwardRatchetSteps: GENERATIONS.forward,
    },
    lifetimeConfig: { maximumTotalLifetime: 0n, validateLifetimeOnReceive: false },
    keyPackageEqualityConfig: {
      compareKeyPackages: (a, b) => sameKey(a.leafNode.signaturePublicKey, b.leafNode.signaturePublicKey),
      compareKeyPackageToLeafNode: (a, b) => sameKey(a.leafNode.signaturePublicKey, b.signaturePublicKey),
    },
    paddingConfig: { kind: 'alwaysPad', paddingLength: 0 },
    authService: {
      async validateCredential(credential, signatureKey) {
        const identity = readIdentity({ credential, signaturePublicKey: signatureKey }, interop);
        if (identity === undefined) return false;
        return authentication.isCurrentDevice(identity.account, identity.device, identity.signatureKey);
      },
    },
  };
}

function sameKey(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
