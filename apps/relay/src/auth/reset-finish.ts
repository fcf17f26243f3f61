import {
  type AccountId,
  type DeviceId,
  equalBytes,
  type Refusal,
  type RouteBody,
  type RouteResponse,
} from '@sotto/protocol';
import { encodeChainState, extendChain, findDevice } from '@sotto/transparency';
import { isRefusal, refuse } from '../refuse.ts';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { ChainStore, NewStatement } from '../store/chain-store.ts';
import type { CredentialStore } from '../store/credential-store.ts';
import type { SessionId } from '../store/session-store.ts';
import { readProofs } from './account-proofs.ts';
import { type Admission, findProved, type Proved } from './admission.ts';
import type { OpaqueServer } from './opaque-server.ts';
import { listCurrentDevices, listRevoked, readChain } from './own-chain.ts';
import type { SignedIn } from './registration.ts';
import type { Sessions } from './sessions.ts';
import type { OpenTicket, Tickets } from './tickets.ts';

type Ticket = { readonly ticket: Uint8Array };

/** A new password for an account that was proved. */
export interface ResetFinish {
  record(body: RouteBody<'resetPasswordRecord'>): Promise<RouteResponse<'resetPasswordRecord'> | Refusal>;
  readChain(body: Ticket): Promise<RouteResponse<'resetPasswordChain'> | Refusal>;
  /** Password, vault, and the chain's reset where there is one, in one step that ends every session. */
  finish(body: RouteBody<'resetPasswordFinish'>, address: string): Promise<SignedIn | Refusal>;
}

export interface ResetFinishDeps {
  readonly accounts: AccountStore;
  readonly records: AccountRecordStore;
  readonly chains: ChainStore;
  readonly credentials: CredentialStore;
  readonly tickets: Tickets;
  readonly opaque: OpaqueServer;
  readonly sessions: Sessions;
  readonly admission: Admission;
}

export function createResetFinish(deps: ResetFinishDeps): ResetFinish {
  const { accounts, records, chains, credentials, tickets, opaque, sessions, admission } = deps;
  const open = async ({ ticket }: Ticket): Promise<OpenTicket<'reset'> | undefined> => {
    const opened = tickets.open('reset', ticket);
    return opened === undefined || (await tickets.isUsed(opened)) ? undefined : opened;
  };
  const openProved = async (body: Ticket) => {
    const opened = await open(body);
    const account = opened === undefined ? undefined : await findProved(accounts, opened.content);
    if (opened === undefined || account === undefined) return undefined;
    // Another address, another factor: what was proved with those before proves nothing more.
    const { version } = await readProofs(records, account.account);
    return version === opened.content.proofs ? { opened, account } : undefined;
  };
  /** Tells of the session, unless the account was disabled meanwhile: whoever ended all its sessions may have missed this one. */
  const settle = async (
    signedIn: Proved,
    session: SessionId,
    known: boolean,
  ): Promise<Refusal | undefined> => {
    const bar = await admission.findBar(signedIn.account, signedIn.device);
    if (bar === undefined) await admission.note(signedIn, known);
    else await sessions.end(session);
    return bar;
  };
  return {
    async record({ ticket, request }) {
      const opened = await open({ ticket });
      if (opened === undefined) return refuse('ticket_invalid');
      const response = opaque.answerRegistration(opened.content.username, request);
      return response === undefined ? refuse('bad_request') : { response };
    },
    async readChain(body) {
      const opened = await open(body);
      if (opened === undefined) return refuse('ticket_invalid');
      const statements = await chains.readStatements(opened.content.account, 0);
      return statements === undefined ? refuse('ticket_invalid') : { statements };
    },
    async finish(body, address) {
      const proved = await openProved(body);
      if (proved === undefined) return refuse('ticket_invalid');
      const { opened, account } = proved;
      if (!opaque.isRecord(body.record)) return refuse('bad_request');
      const chain = await checkDevice(chains, account.account, body);
      if (isRefusal(chain)) return chain;
      const bar = await admission.findBar(account, body.device);
      if (bar !== undefined) return bar;
      const shared = body.shared ?? false;
      const { session, grant } = sessions.prepare(account.account, body.device, shared);
      const { bytes: vault, after, recoveryHash } = body.vault;
      const changed = await credentials.change({
        account: account.account,
        opaqueRecord: body.record,
        vault,
        after,
        recoveryHash,
        endSessions: { allBut: undefined },
        session,
        statement: chain.statement,
      });
      // Until it took effect the ticket serves on; that the vault moved is what lets it take effect once.
      if (changed.outcome !== 'changed') return refuse(changed.outcome);
      await tickets.use(opened);
      sessions.announceEnded(changed.endedSessions);
      const signedIn = { account, device: body.device, shared, method: 'reset', address } as const;
      return (
        (await settle(signedIn, session.id, chain.known)) ?? {
          ...(await grant()),
          username: account.username,
        }
      );
    },
  };
}

/** The statement that goes with a reset, checked: a `recovery_reset` that leaves this device alone. */
async function checkDevice(
  chains: ChainStore,
  account: AccountId,
  { device, statement }: { readonly device: DeviceId; readonly statement?: Uint8Array | undefined },
): Promise<{ readonly statement: NewStatement | undefined; readonly known: boolean } | Refusal> {
  const before = await readChain(chains, account);
  if (before === undefined) return refuse('ticket_invalid');
  const known = findDevice(before, device) !== undefined;
  if (statement === undefined) return { statement: undefined, known };
  const extended = extendChain(before, [statement]);
  if (!extended.ok) return refuse('chain_invalid');
  const { state } = extended;
  if (state.resets.length === before.resets.length) return refuse('chain_invalid');
  // A reset ends all devices but the one it brings.
  if (!listCurrentDevices(state).every((id) => equalBytes(id, device))) return refuse('chain_invalid');
  const next: NewStatement = {
    account,
    seq: state.head.seq,
    statement,
    state: encodeChainState(state),
    revoked: listRevoked(before, state),
  };
  return { statement: next, known };
}
