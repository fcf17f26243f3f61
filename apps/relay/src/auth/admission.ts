import { createHash } from 'node:crypto';
import { type DeviceId, equalBytes, LIMITS, type Refusal, type Vault } from '@sotto/protocol';
import { findDevice } from '@sotto/transparency';
import type { Clock } from '../clock.ts';
import { refuse } from '../refuse.ts';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import type { Account, AccountStore } from '../store/account-store.ts';
import type { ChainStore } from '../store/chain-store.ts';
import { recordSignIn, type SignInMethod } from './account-activity.ts';
import type { AccountNotices } from './account-notices.ts';
import { readProofs } from './account-proofs.ts';
import type { Attempts } from './attempts.ts';
import { readChain } from './own-chain.ts';
import type { SignedIn } from './registration.ts';
import type { Sessions } from './sessions.ts';

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

/** The last step of every sign-in, when all proofs were right. */
export interface Admission {
  admit(proved: Proved): Promise<Admitted | Refusal>;
  /** What keeps an account, or this device, out; undefined when nothing does. */
  findBar(account: Account, device: DeviceId): Promise<Refusal | undefined>;
  /** Keeps the sign-in among the last ones, and tells the account's devices. Its session is open already. */
  note(proved: Proved, known: boolean): Promise<void>;
}

export interface AdmissionDeps {
  readonly accounts: AccountStore;
  readonly records: AccountRecordStore;
  readonly chains: ChainStore;
  readonly sessions: Sessions;
  readonly attempts: Attempts;
  readonly notices: AccountNotices;
  readonly clock: Clock;
}

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
  const { accounts, records, chains, sessions, attempts, notices, clock } = deps;

  const findBar: Admission['findBar'] = async ({ account }, device) => {
    const { proofs } = await readProofs(records, account);
    if (proofs.disabled) return refuse('account_disabled');
    return (await findInChain(account, device))?.revokedAt === undefined ? undefined : refuse('forbidden');
  };
  const findInChain = async (account: Account['account'], device: DeviceId) => {
    const chain = await readChain(chains, account);
    return chain === undefined ? undefined : findDevice(chain, device);
  };
  const note: Admission['note'] = async ({ account, device, method, address }, known) => {
    const { username } = account;
    await attempts.succeed({ username, address });
    await recordSignIn(records, account.account, { time: clock(), device, method });
    const mail = method === 'reset' ? 'reset' : known ? undefined : 'new_device';
    await notices.tell({ account: account.account, username, change: 'signed_in', mail });
  };

  /** No account has more sessions than are listed: who signs in without end fills no store, and hides none from its owner. */
  const endOldest = async (account: Account['account']): Promise<void> => {
    const open = await sessions.list(account);
    const tooMany = open.length - LIMITS.listedSessions;
    if (tooMany <= 0) return;
    const byUse = open.toSorted((a, b) => a.renewedAt - b.renewedAt);
    for (const { id } of byUse.slice(0, tooMany)) await sessions.end(id);
  };

  return {
    findBar,
    note,
    async admit(proved) {
      const { account, device, shared } = proved;
      const bar = await findBar(account, device);
      if (bar !== undefined) return bar;
      const known = (await findInChain(account.account, device)) !== undefined;
      const grant = await sessions.open(account.account, device, shared);
      // Whoever ends all sessions of an account at this moment has missed this one, and has changed what is looked at here.
      const still = await findProved(accounts, { account: account.account, record: fingerprintOf(account) });
      const barred = still === undefined ? refuse('ticket_invalid') : await findBar(still, device);
      if (still === undefined || barred !== undefined) {
        await sessions.end(grant.session.id);
        return barred ?? refuse('ticket_invalid');
      }
      await endOldest(account.account);
      await note(proved, known);
      return {
        signedIn: { ...grant, username: account.username },
        vault: { bytes: still.vault, version: still.vaultVersion },
      };
    },
  };
}
