import type { AccountId, DeviceId } from '@sotto/protocol';
import type { SessionId } from './session-store.ts';

export interface NewStatement {
  readonly account: AccountId;
  /** Place of the statement: taken only when the chain ends right before it. */
  readonly seq: number;
  readonly statement: Uint8Array;
  /** The state it leads to, as `encodeChainState` writes it. */
  readonly state: Uint8Array;
  /** Devices that it ends: their sessions and KeyPackages go in the same transaction. */
  readonly revoked: readonly DeviceId[];
}

export type ChainAppend =
  | { readonly outcome: 'appended'; readonly endedSessions: readonly SessionId[] }
  | { readonly outcome: 'conflict' };

/** Account chains. The relay verifies what it takes in; clients verify again. Rejects with `StoreError`. */
export interface ChainStore {
  /** Statements from seq `from` on, oldest first; undefined for an unknown account. */
  readStatements(account: AccountId, from: number): Promise<Uint8Array[] | undefined>;
  /** The state after the last statement; undefined for an unknown account. */
  readState(account: AccountId): Promise<Uint8Array | undefined>;
  /** Compare-and-set on `seq`, durable when answered. */
  append(statement: NewStatement): Promise<ChainAppend>;
}
