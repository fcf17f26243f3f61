import { collection } from '../store/collections.ts';

/** A chain seen before, and one that a reset of its account offers instead, until the person decides. */
export interface ChainRecord {
  /** `encodeChainState` of what is pinned. */
  readonly state: Uint8Array;
  readonly offered?: Uint8Array | undefined;
}

/** What this device remembers of a person beside the chain. */
export interface ContactRecord {
  /** The relay's claim at first contact. Never replaced by a later claim. */
  readonly username: string;
  /** The identity key that was verified by safety number: another key is not verified. */
  readonly verifiedKey?: Uint8Array | undefined;
}

/** By account, in hexadecimal. */
export const chains = collection<[account: string], ChainRecord>('chain');
export const contacts = collection<[account: string], ContactRecord>('contact');
