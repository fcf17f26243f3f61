import { LIMITS, type Refusal, type RouteBody, type RouteResponse, type VaultUpdate } from '@sotto/protocol';
import { encodeChainState, extendChain } from '@sotto/transparency';
import { isRefusal, refuse } from '../refuse.ts';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { ChainStore } from '../store/chain-store.ts';
import type { CredentialChange, CredentialStore } from '../store/credential-store.ts';
import type { OpenSession } from '../store/session-store.ts';
import type { AccountNotices } from './account-notices.ts';
import { readProofs } from './account-proofs.ts';
import { findProved, fingerprintOf } from './admission.ts';
import { type Confirmation, isOf } from './confirmation.ts';
import type { OpaqueServer } from './opaque-server.ts';
import { listRevoked, readChain } from './own-chain.ts';
import type { Sessions } from './sessions.ts';
import type { Tickets } from './tickets.ts';

/** What opens an account, changed by its owner; and its end. */
export interface AccountCredentials {
  startPassword(
    body: RouteBody<'changePassword'>,
    caller: OpenSession,
  ): Promise<RouteResponse<'changePassword'> | Refusal>;
  /** Other sessions end with it. */
  finishPassword(body: RouteBody<'changePasswordFinish'>, caller: OpenSession): Promise<Refusal | undefined>;
  putVault(body: RouteBody<'putVault'>, caller: OpenSession): Promise<RouteResponse<'putVault'> | Refusal>;
  close(body: RouteBody<'deleteAccount'>, caller: OpenSession): Promise<Refusal | undefined>;
}

export interface AccountCredentialsDeps {
  readonly accounts: AccountStore;
  readonly records: AccountRecordStore;
  readonly chains: ChainStore;
  readonly credentials: CredentialStore;
  readonly tickets: Tickets;
  readonly opaque: OpaqueServer;
  readonly sessions: Sessions;
  readonly confirmation: Confirmation;
  readonly notices: AccountNotices;
}

export function createAccountCredentials(deps: AccountCredentialsDeps): AccountCredentials {
  const { accounts, records, chains, credentials, tickets, opaque, sessions } = deps;
  const { confirmation, notices } = deps;

  const change = async (
    caller: OpenSession,
    vault: VaultUpdate,
    parts: Pick<CredentialChange, 'opaqueRecord' | 'endSessions'>,
  ): Promise<Refusal | undefined> => {
    const changed = await credentials.change({
      ...parts,
      account: caller.account,
      vault: vault.bytes,
      after: vault.after,
      recoveryHash: vault.recoveryHash,
      session: undefined,
      statement: undefined,
    });
    if (changed.outcome !== 'changed') return refuse(changed.outcome);
    sessions.announceEnded(changed.endedSessions);
    return undefined;
  };

  return {
    async startPassword({ confirmation: shown, request }, caller) {
      const account = await confirmation.take(shown, caller);
      if (isRefusal(account)) return account;
      const response = opaque.answerRegistration(account.username, request);
      if (response === undefined) return refuse('bad_request');
      const content = { account: caller.account, session: caller.id, record: fingerprintOf(account) };
      const { ticket } = tickets.seal('change_password', content, LIMITS.confirmationSeconds);
      return { ticket, response };
    },
    async finishPassword({ ticket, record, vault }, caller) {
      const opened = tickets.open('change_password', ticket);
      if (opened === undefined || !isOf(opened.content, caller)) return refuse('ticket_invalid');
      // It names the record that was proved: once that is replaced, the ticket serves no more.
      const account = await findProved(accounts, opened.content);
      if (account === undefined) return refuse('ticket_invalid');
      if (!opaque.isRecord(record)) return refuse('bad_request');
      const ended = { opaqueRecord: record, endSessions: { allBut: caller.id } };
      const refused = await change(caller, vault, ended);
      if (refused !== undefined) return refused;
      const { username } = account;
      await notices.tell({
        account: caller.account,
        username,
        change: 'password',
        mail: 'password_changed',
      });
      return undefined;
    },
    async putVault({ confirmation: shown, vault }, caller) {
      const account = await confirmation.take(shown, caller);
      if (isRefusal(account)) return account;
      const refused = await change(caller, vault, { opaqueRecord: undefined, endSessions: 'none' });
      if (refused !== undefined) return refused;
      await notices.tell({ account: caller.account, username: account.username, change: 'vault' });
      return { version: vault.after + 1 };
    },
    async close({ confirmation: shown, statement }, caller) {
      const account = await confirmation.take(shown, caller);
      if (isRefusal(account)) return account;
      const before = await readChain(chains, caller.account);
      const extended = before === undefined ? undefined : extendChain(before, [statement]);
      if (before === undefined || extended?.ok !== true || extended.state.closedAt === undefined) {
        return refuse('chain_invalid');
      }
      const { state } = extended;
      const { email } = (await readProofs(records, caller.account)).proofs;
      const closed = await credentials.close({
        account: caller.account,
        seq: state.head.seq,
        statement,
        state: encodeChainState(state),
        revoked: listRevoked(before, state),
      });
      if (closed.outcome !== 'changed') return refuse(closed.outcome);
      sessions.announceEnded(closed.endedSessions);
      if (email === undefined) return undefined;
      const { username } = account;
      await notices.tell({ account: caller.account, username, change: 'vault', mail: 'deleted', to: email });
      return undefined;
    },
  };
}
