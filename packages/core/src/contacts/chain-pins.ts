import { encodeHex } from '@sotto/protocol';
import {
  type ChainState,
  compareToPinned,
  decodeChainState,
  encodeChainState,
  verifyChain,
} from '@sotto/transparency';
import type { Session } from '../account/session.ts';
import type { AlarmKind } from '../chat/chat.ts';
import type { SealedStore } from '../store/sealed-store.ts';
import { chains } from './contact-record.ts';

/** `alarm`: the relay shows something that must never be; the pin stands, the person was told. */
type Refreshed = 'current' | 'changed' | 'alarm' | 'refused' | 'not_found' | 'unreachable';

/** Every account chain this device ever saw, pinned: a fork or a shorter chain is an alarm, not a refresh. */
export interface ChainPins {
  /** What is pinned, or undefined for an account never seen. */
  pinned(account: Uint8Array): Promise<ChainState | undefined>;
  /** Reads the chain again and pins what verifiably continues it. */
  refresh(account: Uint8Array): Promise<Refreshed>;
  /** The person accepts the identity a reset brought: the offered chain becomes the pinned one. */
  acceptReset(account: Uint8Array): Promise<void>;
}

export function createChainPins(deps: {
  readonly session: Session;
  readonly store: SealedStore;
  readonly raise: (kind: AlarmKind, account: Uint8Array) => Promise<void>;
}): ChainPins {
  const { session, store, raise } = deps;
  const stateByAccount = new Map<string, ChainState>();
  const refreshing = new Map<string, Promise<Refreshed>>();

  async function pinned(account: Uint8Array): Promise<ChainState | undefined> {
    const hex = encodeHex(account);
    const known = stateByAccount.get(hex);
    if (known !== undefined) return known;
    const record = await store.get(chains.key(hex));
    if (record === undefined) return undefined;
    const state = decodeChainState(record.state);
    stateByAccount.set(hex, state);
    return state;
  }

  async function pin(hex: string, state: ChainState): Promise<void> {
    await store.step([chains.put([hex], { state: encodeChainState(state) })]);
    stateByAccount.set(hex, state);
  }

  async function read(account: Uint8Array): Promise<Refreshed> {
    const hex = encodeHex(account);
    const answer = await session.call('chain', { params: { account: hex }, query: {} });
    if (!answer.ok && answer.code !== 'not_found') return 'unreachable';
    const statements = answer.ok ? answer.value.statements : [];
    const before = await pinned(account);
    if (before === undefined) return await pinFirst(account, hex, statements);
    const compared = compareToPinned(before, statements);
    if (compared.ok) return await pinNext(account, hex, before, compared.state);
    const missing = compared.reason === 'truncated' || compared.reason === 'empty';
    await raise(missing ? 'chain_truncated' : 'chain_forked', account);
    return 'alarm';
  }

  async function pinNext(
    account: Uint8Array,
    hex: string,
    before: ChainState,
    after: ChainState,
  ): Promise<Refreshed> {
    if (after.head.seq === before.head.seq) return 'current';
    if (after.resets.length === before.resets.length) {
      await pin(hex, after);
      return 'changed';
    }
    // Anybody can make a reset, the relay too: the old pin stays until the person decides (design §4).
    const offered = encodeChainState(after);
    await store.step([chains.put([hex], { state: encodeChainState(before), offered })]);
    await raise('identity_changed', account);
    return 'alarm';
  }

  async function pinFirst(
    account: Uint8Array,
    hex: string,
    statements: readonly Uint8Array[],
  ): Promise<Refreshed> {
    if (statements.length === 0) return 'not_found';
    const verified = verifyChain(account, statements);
    if (!verified.ok) return 'refused';
    await pin(hex, verified.state);
    return 'changed';
  }

  return {
    pinned,
    async refresh(account) {
      const hex = encodeHex(account);
      const under = refreshing.get(hex) ?? read(account).finally(() => refreshing.delete(hex));
      refreshing.set(hex, under);
      return await under;
    },
    async acceptReset(account) {
      const hex = encodeHex(account);
      const record = await store.get(chains.key(hex));
      if (record?.offered === undefined) return;
      await pin(hex, decodeChainState(record.offered));
    },
  };
}
