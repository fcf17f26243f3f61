import { createGroup as createLibraryGroup } from 'ts-mls/clientState.js';
import { equalBytes } from './bytes.ts';
import { createClientConfig, type MlsContext, readEpoch } from './context.ts';
import type { Authentication, Mls } from './door.ts';
import { createGroupValue } from './group.ts';
import { groupExtensions } from './group-context.ts';
import { joinFromWelcome } from './join.ts';
import { generateKeyPackage, generatePair } from './key-package.ts';
import { GROUP_ID_BYTES } from './limits.ts';
import { decodeParts } from './parts.ts';
import { conversationPolicy, type Policy } from './policy.ts';
import { createSuite, DEFAULT_SUITE, type SuiteName } from './suite.ts';

export interface MlsDeps {
  readonly authentication: Authentication;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** n fresh bytes from a cryptographic source. */
  readonly random: (n: number) => Uint8Array;
  /** By name. Below the floor of the build only with `interop`. */
  readonly suite?: SuiteName;
  /** The conversation's own rules unless a test plays a member who keeps to none. */
  readonly policy?: Policy;
  /** For the interoperability test alone: what other implementations speak, and no settings asked for. */
  readonly interop?: boolean;
}

/** Hardened MLS (RFC 9420) over ts-mls. Throws when the suite is not one of this build. */
export async function createMls(deps: MlsDeps): Promise<Mls> {
  const { authentication, clock, random, interop = false } = deps;
  const suite = deps.suite ?? DEFAULT_SUITE;
  if (suite !== DEFAULT_SUITE && !interop) throw new Error('suite is below the floor of this build');
  const context: MlsContext = {
    suite: await createSuite(suite, random),
    authentication,
    clock,
    policy: deps.policy ?? conversationPolicy,
    config: createClientConfig(authentication, interop),
    interop,
    states: new WeakMap(),
  };
  return {
    async generateSignatureKey() {
      const { publicKey, signKey } = await context.suite.signature.keygen();
      return { publicKey, privateKey: signKey };
    },
    async generateKeyPackages(identity, count, { lastResort }) {
      const made = Array.from({ length: count }, () => generateKeyPackage(context, identity, lastResort));
      return Promise.all(made);
    },
    async createGroup(identity, groupId, settings) {
      if (groupId.length !== GROUP_ID_BYTES) throw new Error('a group id is 32 bytes');
      const isOwn = settings.accounts.some((account) => equalBytes(account, identity.account));
      if (settings.kind === 'direct' && !isOwn)
        throw new Error('a direct conversation needs its own account');
      const { publicPackage, privatePackage } = await generatePair(context, identity);
      const { suite, config } = context;
      const extensions = interop ? [] : groupExtensions(settings);
      const mls = await createLibraryGroup(groupId, publicPackage, privatePackage, extensions, suite, config);
      return createGroupValue(context, readEpoch(context, mls, []));
    },
    async joinGroup(identity, welcome, findKeyPackage) {
      const joined = await joinFromWelcome(context, identity, welcome, findKeyPackage);
      if (!joined.ok) return joined;
      const { state, ref, lastResort } = joined;
      return { ok: true, group: createGroupValue(context, state), ref, lastResort };
    },
    async loadGroup(identity, parts) {
      const mls = decodeParts(context, identity, parts);
      const state = readEpoch(context, mls, []);
      const own = state.members[mls.privatePath.leafIndex];
      const active = mls.groupActiveState.kind === 'active';
      if (active && (own === undefined || !equalBytes(own.signatureKey, identity.signatureKey))) {
        throw new Error('the stored group is of another device');
      }
      return createGroupValue(context, state);
    },
  };
}
