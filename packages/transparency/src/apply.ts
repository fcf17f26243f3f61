import { equalBytes } from './bytes.ts';
import { isUsableKey, verifyBytes } from './keys.ts';
import type { ChainReason } from './reasons.ts';
import { deviceProofInput, hashStatement, identityProofInput, labelOf, statementInput } from './signing.ts';
import { type ChainDevice, type ChainState, findDevice, isUsedKey } from './state.ts';
import { type DeviceClaim, decodeStatement, type Statement } from './statement.ts';

const NOTHING = { formerIdentityKeys: [], devices: [], resets: [] } as const;

export type Applied =
  | { readonly ok: true; readonly state: ChainState }
  | { readonly ok: false; readonly reason: ChainReason };

/** One step of verification: the state after `bytes`, which the relay chose, or the first reason to refuse them. */
export function applyStatement(
  account: Uint8Array,
  before: ChainState | undefined,
  bytes: Uint8Array,
): Applied {
  const decoded = decodeStatement(bytes);
  if (!decoded.ok) return decoded;
  const { statement } = decoded;
  const reason =
    linkFault(account, before, statement) ??
    revocationFault(before, statement) ??
    signerFault(before, statement) ??
    noveltyFault(before, statement) ??
    signatureFault(statement) ??
    proofFault(before, statement);
  if (reason !== undefined) return { ok: false, reason };
  return { ok: true, state: stateAfter(account, before, statement, hashStatement(bytes)) };
}

/** Whose chain, which place, which history: a statement cut from elsewhere fails here, before any curve arithmetic. */
function linkFault(
  account: Uint8Array,
  before: ChainState | undefined,
  { label, seq, prev, body }: Statement,
): ChainReason | undefined {
  if (!equalBytes(label, labelOf(account))) return 'label_mismatch';
  if (seq !== (before === undefined ? 0 : before.head.seq + 1)) return 'seq_gap';
  if (!equalBytes(prev, before?.head.hash ?? new Uint8Array(32))) return 'prev_mismatch';
  // A reset too: anybody can make one, and would bring back under their own key who had left.
  if (before?.closedAt !== undefined) return 'chain_closed';
  return (body.op === 'create') === (before === undefined) ? undefined : 'op_misplaced';
}

function revocationFault(before: ChainState | undefined, { body }: Statement): ChainReason | undefined {
  if (body.op !== 'revoke_device' || before === undefined) return undefined;
  const device = findDevice(before, body.device);
  if (device === undefined) return 'device_unknown';
  return device.revokedAt === undefined ? undefined : 'device_already_revoked';
}

/**
 * Only a key that was valid at seq − 1 may sign, and a device key nothing but its own end. `create` and `recovery_reset` are
 * signed by the identity key they bring, which anybody can make: pinning, and showing resets, is what answers that.
 */
function signerFault(before: ChainState | undefined, { body, signer }: Statement): ChainReason | undefined {
  const allowed = (key: Uint8Array | undefined): boolean => key !== undefined && equalBytes(key, signer);
  if (body.op === 'create' || body.op === 'recovery_reset') {
    return allowed(body.identity) ? undefined : 'signer_not_allowed';
  }
  if (allowed(before?.identityKey)) return undefined;
  const revokesItself =
    body.op === 'revoke_device' && before !== undefined && allowed(findDevice(before, body.device)?.key);
  return revokesItself ? undefined : 'signer_not_allowed';
}

/** Ids and keys are used once, also after revocation: else a removed device could return under an old trust. */
function noveltyFault(before: ChainState | undefined, { body }: Statement): ChainReason | undefined {
  const identity = 'identity' in body ? body.identity : undefined;
  const device = broughtDevice(body);
  const keys = [identity, device?.key].filter((key) => key !== undefined);
  if (identity !== undefined && device !== undefined && equalBytes(identity, device.key)) return 'key_reused';
  if (before !== undefined && keys.some((key) => isUsedKey(before, key))) return 'key_reused';
  if (before !== undefined && device !== undefined && findDevice(before, device.id)) return 'device_reused';
  return keys.every(isUsableKey) ? undefined : 'key_invalid';
}

function signatureFault(statement: Statement): ChainReason | undefined {
  const { signature, signer } = statement;
  return verifyBytes(signature, statementInput(statement), signer) ? undefined : 'bad_signature';
}

/** Possession: without it, an account could claim a stranger's device key as its own. */
function proofFault(before: ChainState | undefined, statement: Statement): ChainReason | undefined {
  const { body } = statement;
  if (body.op === 'rotate_identity') {
    const held = verifyBytes(body.proof, identityProofInput(statement, body.identity), body.identity);
    return held ? undefined : 'bad_proof';
  }
  const device = broughtDevice(body);
  if (device === undefined) return undefined;
  const identity = 'identity' in body ? body.identity : before?.identityKey;
  const held =
    identity !== undefined &&
    verifyBytes(device.proof, deviceProofInput(statement, identity, device), device.key);
  return held ? undefined : 'bad_proof';
}

function broughtDevice(body: Statement['body']): DeviceClaim | undefined {
  return 'device' in body && body.op !== 'revoke_device' ? body.device : undefined;
}

function stateAfter(
  account: Uint8Array,
  before: ChainState | undefined,
  { seq, body }: Statement,
  hash: Uint8Array,
): ChainState {
  const identityKey = 'identity' in body ? body.identity : before?.identityKey;
  if (identityKey === undefined) throw new Error('no identity key after a checked statement');
  const { formerIdentityKeys, devices, resets } = before ?? NOTHING;
  const replaced = before !== undefined && identityKey !== before.identityKey ? [before.identityKey] : [];
  return Object.freeze({
    account: before?.account ?? new Uint8Array(account),
    head: Object.freeze({ seq, hash }),
    identityKey,
    formerIdentityKeys: Object.freeze([...formerIdentityKeys, ...replaced]),
    devices: devicesAfter(devices, seq, body),
    resets: Object.freeze(body.op === 'recovery_reset' ? [...resets, seq] : [...resets]),
    closedAt: body.op === 'close_account' ? seq : undefined,
  });
}

function devicesAfter(
  devices: readonly ChainDevice[],
  seq: number,
  body: Statement['body'],
): readonly ChainDevice[] {
  const endsAll = body.op === 'recovery_reset' || body.op === 'close_account';
  const revoked = (device: ChainDevice): boolean =>
    endsAll || (body.op === 'revoke_device' && equalBytes(device.id, body.device));
  const kept = devices.map((device) =>
    device.revokedAt === undefined && revoked(device) ? Object.freeze({ ...device, revokedAt: seq }) : device,
  );
  const brought = broughtDevice(body);
  if (brought !== undefined) {
    kept.push(Object.freeze({ id: brought.id, key: brought.key, addedAt: seq, revokedAt: undefined }));
  }
  return Object.freeze(kept);
}
