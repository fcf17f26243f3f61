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
  /** What a reset brought, until the person decides. The relay may be its maker, and cannot exchange it meanwhile. */
  offered(account: Uint8Array): Promise<ChainState | undefined>;
  /** Reads the chain again and pins what verifiably continues it. */
  refresh(account: Uint8Array): Promise<Refreshed>;
  /** The person accepts the identity a reset brought: the offered chain becomes the pinned one. */
  acceptReset(account: Uint8Array): Promise<void>;
  /** The person does not: the pin stands. What the relay offers from now on is another offer. */
  refuseReset(account: Uint8Array): Promise<void>;
}

interface Held {
  readonly state: ChainState;
  readonly offered?: ChainState | undefined;
}

export function createChainPins(deps: {
  readonly session: Session;
  readonly store: SealedStore;
  readonly raise: (kind: AlarmKind, account: Uint8Array) => Promise<void>;
}): ChainPins {
  const { session, store, raise } = deps;
  const heldByAccount = new Map<string, Held>();
  const loading = new Map<string, Promise<Held | undefined>>();
  const refreshing = new Map<string, Promise<Refreshed>>();

  /** Callers that come together wait for one reading: they go on in the order in which they asked. */
  async function load(account: Uint8Array): Promise<Held | undefined> {
    const hex = encodeHex(account);
    const known = heldByAccount.get(hex);
    if (known !== undefined) return known;
    const under = loading.get(hex) ?? readHeld(hex).finally(() => loading.delete(hex));
    loading.set(hex, under);
    return await under;
  }

  async function readHeld(hex: string): Promise<Held | undefined> {
    const record = await store.get(chains.key(hex));
    if (record === undefined) return undefined;
    const offered = record.offered === undefined ? undefined : decodeChainState(record.offered);
    // What was pinned while the disk answered is newer.
    const held = heldByAccount.get(hex) ?? { state: decodeChainState(record.state), offered };
    heldByAccount.set(hex, held);
    return held;
  }

  async function keep(hex: string, held: Held): Promise<void> {
    const offered = held.offered === undefined ? undefined : encodeChainState(held.offered);
    await store.step([chains.put([hex], { state: encodeChainState(held.state), offered })]);
    heldByAccount.set(hex, held);
  }

  async function read(account: Uint8Array): Promise<Refreshed> {
    const hex = encodeHex(account);
    const answer = await session.call('chain', { params: { account: hex }, query: {} });
    if (!answer.ok && answer.code !== 'not_found') return 'unreachable';
    const statements = answer.ok ? answer.value.statements : [];
    const before = await load(account);
    if (before === undefined) return await pinFirst(account, hex, statements);
    const compared = compareToPinned(before.state, statements);
    if (compared.ok) return await pinNext(account, hex, before, compared.state);
    const missing = compared.reason === 'truncated' || compared.reason === 'empty';
    await raise(missing ? 'chain_truncated' : 'chain_forked', account);
    return 'alarm';
  }

  async function pinNext(
    account: Uint8Array,
    hex: string,
    { state, offered }: Held,
    after: ChainState,
  ): Promise<Refreshed> {
    if (after.head.seq === state.head.seq) return 'current';
    if (offered === undefined && after.resets.length === state.resets.length) {
      await keep(hex, { state: after });
      return 'changed';
    }
    // Anybody can make a reset, the relay too: the old pin stays until the person decides (design §4). So does the offer:
    // else the relay could have one number compared and another key accepted.
    if (offered === undefined) await keep(hex, { state, offered: after });
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
    await keep(hex, { state: verified.state });
    return 'changed';
  }

  return {
    pinned: async (account) => (await load(account))?.state,
    offered: async (account) => (await load(account))?.offered,
    async refresh(account) {
      const hex = encodeHex(account);
      const under = refreshing.get(hex) ?? read(account).finally(() => refreshing.delete(hex));
      refreshing.set(hex, under);
      return await under;
    },
    async acceptReset(account) {
      const held = await load(account);
      if (held?.offered !== undefined) await keep(encodeHex(account), { state: held.offered });
    },
    async refuseReset(account) {
      const held = await load(account);
      if (held?.offered !== undefined) await keep(encodeHex(account), { state: held.state });
    },
  };
}
