import type { ClientState } from 'ts-mls';
import { allSecretTreeValues } from 'ts-mls/secretTree.js';

const NOTHING = new Uint8Array();

/** What the epoch that ends leaves behind: its key schedule, its ratchets, and the path keys that were replaced. */
export function epochSecrets(before: ClientState, next: ClientState): Uint8Array[] {
  const { epochAuthenticator: _, ...secrets } = before.keySchedule;
  const keptKeys = new Set(Object.values(next.privatePath.privateKeys));
  const replacedKeys = Object.values(before.privatePath.privateKeys).filter((key) => !keptKeys.has(key));
  const ratchets = allSecretTreeValues(before.secretTree.filter((node) => node !== undefined));
  return [...Object.values(secrets), ...replacedKeys, ...ratchets].filter((secret) => secret !== undefined);
}

/** A device that was removed keeps the tree and the authenticator, for the record, and no secret. */
export function forgetSecrets(mls: ClientState): ClientState {
  const { epochAuthenticator } = mls.keySchedule;
  return {
    ...mls,
    secretTree: [],
    privatePath: { leafIndex: mls.privatePath.leafIndex, privateKeys: {} },
    keySchedule: {
      epochAuthenticator,
      senderDataSecret: NOTHING,
      exporterSecret: NOTHING,
      externalSecret: NOTHING,
      confirmationKey: NOTHING,
      membershipKey: NOTHING,
      resumptionPsk: NOTHING,
      initSecret: NOTHING,
    },
  };
}
