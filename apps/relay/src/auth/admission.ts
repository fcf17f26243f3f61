import { createHash } from 'node:crypto';
import { type DeviceId, equalBytes, LIMITS, type Refusal, type Vault } from '@sotto/protocol';
import { findDevice } from '@sotto/transparency';
import type { Clock } from '../clock.ts';
import { refuse } from '../refuse.ts';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import type { Account, AccountStore } from '../store/account-store.ts';
import type { ChainStore } from '../store/chain-store.ts';
import type { Grounds, SignInStore, SignIn as StoredSignIn } from '../store/sign-in-store.ts';
import { StoreError } from '../store/store-error.ts';
import type { SignIn, SignInMethod } from './account-activity.ts';
import type { AccountNotices } from './account-notices.ts';
import { readProofs } from './account-proofs.ts';
import type { Attempts } from './attempts.ts';
import { readChain } from './own-chain.ts';
import type { SignedIn } from './registration.ts';
import type { Sessions } from './sessions.ts';
import { prepareSignIn, recordSignIn } from './sign-in-history.ts';
import type { TicketKind } from './ticket-content.ts';
import type { OpenTicket, Tickets } from './tickets.ts';

/** A sign-in that succeeded, with what only it may see. */
export interface Admitted {
  readonly signedIn: SignedIn;
  readonly vault: Vault;
}

export interface Proved {
  readonly account: Account;
  readonly device: DeviceId;
  readonly shared: boolean;
  readonly method: SignInMethod;
  readonly address: string;
}

/** What ends with a ticket, which serves once. */
interface ProvedByTicket extends Proved {
  readonly ticket: OpenTicket<TicketKind>;
  /** The account's proofs, where they were read already. */
  readonly read?: ReadProofs;
}

type ReadProofs = Awaited<ReturnType<typeof readProofs>>;

/** The last step of every sign-in, when all proofs were right. */
export interface Admission {
  /** Uses the ticket, whatever comes of it: `ticket_invalid` when it was used. */
  admit(proved: ProvedByTicket): Promise<Admitted | Refusal>;
  /** What keeps an account, or this device, out; undefined when nothing does. */
  findBar(account: Account, device: DeviceId): Promise<Refusal | undefined>;
  /** Keeps the sign-in among the last ones, and tells the account's devices. Its session is open already. */
  note(proved: Proved, known: boolean): Promise<void>;
}

export interface AdmissionDeps {
  readonly accounts: AccountStore;
  readonly records: AccountRecordStore;
  readonly chains: ChainStore;
  readonly signIns: SignInStore;
  readonly sessions: Pick<Sessions, 'prepare' | 'announceEnded'>;
  readonly tickets: Pick<Tickets, 'use'>;
  readonly attempts: Attempts;
  readonly notices: AccountNotices;
  readonly clock: Clock;
}

/** Changes of an account that one sign-in may meet: more at once are a storm. */
const ROUNDS = 20;

/** Names the password record that a ticket was made under: the ticket is void when the password changed meanwhile. */
export function fingerprintOf(account: Pick<Account, 'opaqueRecord'>): Uint8Array {
  return new Uint8Array(createHash('sha256').update(account.opaqueRecord).digest()).subarray(0, 16);
}

/** The account of a ticket, if it is there and its password is the one that was proved. */
export async function findProved(
  accounts: AccountStore,
  { account, record }: { readonly account: Account['account']; readonly record: Uint8Array },
): Promise<Account | undefined> {
  const found = await accounts.find(account);
  return found !== undefined && equalBytes(fingerprintOf(found), record) ? found : undefined;
}

export function createAdmission(deps: AdmissionDeps): Admission {
  const { accounts, records, signIns, sessions, tickets, attempts, notices, clock } = deps;

  const look = async (account: Account, device: DeviceId, read?: ReadProofs): Promise<Look> => {
    const [{ proofs, version }, chain] = await Promise.all([
      read ?? readProofs(records, account.account),
      readChain(deps.chains, account.account),
    ]);
    const found = chain === undefined ? undefined : findDevice(chain, device);
    const revoked = found?.revokedAt === undefined ? undefined : refuse('forbidden');
    return {
      bar: proofs.disabled ? refuse('account_disabled') : revoked,
      known: found !== undefined,
      grounds: {
        vaultVersion: account.vaultVersion,
        proofs: version,
        statements: chain === undefined ? 0 : chain.head.seq + 1,
      },
    };
  };
  const tell = async ({ account, method }: Proved, known: boolean): Promise<void> => {
    const mail = method === 'reset' ? 'reset' : known ? undefined : 'new_device';
    const { username } = account;
    await notices.tell({ account: account.account, username, change: 'signed_in', mail });
  };
  const describe = ({ device, method }: Proved): SignIn => ({ time: clock(), device, method });

  /** Session, activity and the ticket's mark; `moved` when the account stands otherwise than it was looked at. */
  const enter = async (proved: Proved, claim: Claim, looked: Look): Promise<Admitted | Refusal | Moved> => {
    const { account, device, shared, address } = proved;
    const { username } = account;
    const signIn = describe(proved);
    const { session, grant } = sessions.prepare(account.account, device, shared);
    const outcome = await signIns.admit({
      session,
      grounds: looked.grounds,
      claim,
      record: await prepareSignIn(records, account.account, signIn),
      atMost: LIMITS.listedSessions,
    });
    if (outcome.outcome === 'claimed') return refuse('ticket_invalid');
    sessions.announceEnded(outcome.ended);
    if (outcome.outcome === 'moved') return { moved: true, claim: outcome.claimed ? undefined : claim };
    await attempts.succeed({ username, address });
    // Another sign-in was noted at the same moment.
    if (!outcome.noted) await recordSignIn(records, account.account, signIn);
    await tell(proved, looked.known);
    return {
      signedIn: { ...(await grant()), username },
      vault: { bytes: account.vault, version: account.vaultVersion },
    };
  };
  const tryOnce = async (proved: ProvedByTicket, claim: Claim): Promise<Admitted | Refusal | Moved> => {
    const looked = await look(proved.account, proved.device, proved.read);
    if (looked.bar === undefined) return enter(proved, claim, looked);
    const isFirst = claim === undefined || (await tickets.use(proved.ticket));
    return isFirst ? looked.bar : refuse('ticket_invalid');
  };

  return {
    findBar: async (account, device) => (await look(account, device)).bar,
    async note(proved, known) {
      const { account, address } = proved;
      await attempts.succeed({ username: account.username, address });
      await recordSignIn(records, account.account, describe(proved));
      await tell(proved, known);
    },
    async admit(first) {
      const { id, expiresAt } = first.ticket;
      let proved: ProvedByTicket = first;
      let claim: Claim = { id, expiresAt };
      for (let round = 0; round < ROUNDS; round++) {
        const outcome = await tryOnce(proved, claim);
        if (!('moved' in outcome)) return outcome;
        // A statement, a factor, another vault: none of them voids what was proved. Another password does.
        const { account } = proved;
        const record = fingerprintOf(account);
        const still = await findProved(accounts, { account: account.account, record });
        if (still === undefined) return refuse('ticket_invalid');
        const { read, ...rest } = proved;
        proved = { ...rest, account: still };
        claim = outcome.claim;
      }
      throw new StoreError('unavailable');
    },
  };
}

interface Look {
  readonly bar: Refusal | undefined;
  /** Whether the device stands in the chain. */
  readonly known: boolean;
  readonly grounds: Grounds;
}

type Claim = StoredSignIn['claim'];

interface Moved {
  readonly moved: true;
  /** What is left to claim. */
  readonly claim: Claim;
}
