import { type AccountId, type DeviceId, equalBytes, type Refusal } from '@sotto/protocol';
import {
  type ChainState,
  decodeChainState,
  decodeStatement,
  encodeChainState,
  extendChain,
  findDevice,
} from '@sotto/transparency';
import { refuse } from '../refuse.ts';
import type { ChainStore } from '../store/chain-store.ts';
import type { SessionId } from '../store/session-store.ts';

/**
 * Verifies and stores the next statement of an account's chain. `chain_conflict` when its place is taken by another one;
 * the same bytes again answer the same place, so that a lost answer does no harm. Sessions of devices that it revokes end.
 */
export async function extendOwnChain(
  chains: ChainStore,
  account: AccountId,
  statement: Uint8Array,
): Promise<{ readonly seq: number; readonly endedSessions: readonly SessionId[] } | Refusal> {
  const before = await readChain(chains, account);
  const decoded = decodeStatement(statement);
  if (before === undefined || !decoded.ok) return refuse('chain_invalid');
  const { seq } = decoded.statement;
  if (seq <= before.head.seq) {
    const [stored] = (await chains.readStatements(account, seq)) ?? [];
    const repeated = stored !== undefined && equalBytes(stored, statement);
    return repeated ? { seq, endedSessions: [] } : refuse('chain_conflict');
  }
  const extended = extendChain(before, [statement]);
  // An account ends with all that is kept for it, not by a line of its chain alone.
  if (!extended.ok || extended.state.closedAt !== undefined) return refuse('chain_invalid');
  const appended = await chains.append({
    account,
    seq,
    statement,
    state: encodeChainState(extended.state),
    revoked: listRevoked(before, extended.state),
  });
  if (appended.outcome === 'conflict') return refuse('chain_conflict');
  return { seq, endedSessions: appended.endedSessions };
}

/** The verified state of an account's chain; undefined for an unknown account. */
export async function readChain(chains: ChainStore, account: AccountId): Promise<ChainState | undefined> {
  const state = await chains.readState(account);
  return state === undefined ? undefined : decodeChainState(state);
}

/** Whether a device stands in the chain of that account and is not revoked. */
export async function isCurrentDeviceOf(
  chains: ChainStore,
  account: AccountId,
  device: DeviceId,
): Promise<boolean> {
  const chain = await readChain(chains, account);
  return chain !== undefined && listCurrentDevices(chain).some((id) => equalBytes(id, device));
}

/** Devices of a chain that may act now. */
export function listCurrentDevices(state: ChainState): DeviceId[] {
  return state.devices
    .filter((device) => device.revokedAt === undefined)
    .map((device) => device.id as DeviceId);
}

/** Devices that may act before and may not after. */
export function listRevoked(before: ChainState, after: ChainState): DeviceId[] {
  return listCurrentDevices(before).filter((id) => findDevice(after, id)?.revokedAt !== undefined);
}
