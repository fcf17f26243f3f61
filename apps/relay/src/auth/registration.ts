import {
  type Email,
  equalBytes,
  LIMITS,
  type Refusal,
  type RouteBody,
  type RouteResponse,
  type Username,
} from '@sotto/protocol';
import { type ChainState, encodeChainState, verifyChain } from '@sotto/transparency';
import type { Clock } from '../clock.ts';
import type { Quotas } from '../quotas.ts';
import { isRefusal, refuse } from '../refuse.ts';
import type { AccountStore, NewAccount } from '../store/account-store.ts';
import { encodeProofs } from './account-proofs.ts';
import type { AddressProof } from './address-proof.ts';
import { takeOfNetwork } from './network-limit.ts';
import type { OpaqueServer } from './opaque-server.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { hashInvite, type RegistrationDoor } from './registration-door.ts';
import type { Grant, Sessions } from './sessions.ts';
import type { TicketContent } from './ticket-content.ts';
import type { Tickets } from './tickets.ts';

/** A sign-in that succeeded, and whose it is. */
export interface SignedIn extends Grant {
  readonly username: Username;
}

export interface Registration {
  start(body: RouteBody<'register'>, address: string): Promise<RouteResponse<'register'> | Refusal>;
  /** Account, chain and first session come into being together, or nothing does. */
  finish(body: RouteBody<'registerFinish'>, address: string): Promise<SignedIn | Refusal>;
}

export interface RegistrationDeps {
  readonly accounts: AccountStore;
  readonly tickets: Tickets;
  readonly door: RegistrationDoor;
  readonly addressProof: AddressProof;
  readonly opaque: OpaqueServer;
  readonly sessions: Sessions;
  readonly limiter: RateLimiter;
  readonly quotas: Quotas;
  /** Whether an account wants a proved address. */
  readonly requireEmail: boolean;
  readonly clock: Clock;
}

/** Tries for one account made: somebody whose first wishes are taken. */
const STARTS_PER_REGISTRATION = 10;
const HOUR = 3600;

export function createRegistration(deps: RegistrationDeps): Registration {
  const { accounts, tickets, door, addressProof, opaque, sessions, limiter, quotas, clock } = deps;
  const perHour = quotas.registrationsPerHour;

  /** The address that goes with the account; undefined for none. */
  const readAddress = (proof: Uint8Array | undefined): { email: Email | undefined } | Refusal => {
    if (proof === undefined) return deps.requireEmail ? refuse('email_required') : { email: undefined };
    const email = addressProof.read(proof);
    return email === undefined ? refuse('ticket_invalid') : { email };
  };

  const create = async (
    { username, email, invite }: TicketContent<'register'>,
    body: RouteBody<'registerFinish'>,
    chain: ChainState,
  ): Promise<SignedIn | Refusal> => {
    const { session, grant } = sessions.prepare(body.account, body.device, body.shared ?? false);
    const account: NewAccount = {
      username,
      account: body.account,
      opaqueRecord: body.record,
      vault: body.vault,
      statement: body.statement,
      chainState: encodeChainState(chain),
      session,
      proofs: email === undefined ? undefined : encodeProofs({ email }),
      invite,
    };
    const outcome = await accounts.create(account, clock());
    return outcome === 'created' ? { ...(await grant()), username } : refuse(outcome);
  };

  return {
    async start({ username, request, work, invite, email: proof }, address) {
      const shut = await door.knock({ work, invite });
      if (shut !== undefined) return shut;
      const limit = perHour * STARTS_PER_REGISTRATION;
      const wait = await takeOfNetwork(limiter, { what: 'register', address, limit, seconds: HOUR });
      if (wait !== undefined) return refuse('rate_limited', wait);
      const proved = readAddress(proof);
      if (isRefusal(proved)) return proved;
      // Whether the name is taken is not looked up here: it would tell who knows no more than to ask.
      const response = opaque.answerRegistration(username, request);
      if (response === undefined) return refuse('bad_request');
      const invited = door.mode === 'invite' && invite !== undefined ? hashInvite(invite) : undefined;
      const content = { username, email: proved.email, invite: invited };
      const { ticket } = tickets.seal('register', content, LIMITS.loginTicketSeconds);
      return { ticket, response };
    },
    async finish(body, address) {
      const ticket = await tickets.take('register', body.ticket);
      if (ticket === undefined) return refuse('ticket_invalid');
      const chain = readFirstState(body);
      if (chain === undefined) return refuse('chain_invalid');
      if (!opaque.isRecord(body.record)) return refuse('bad_request');
      // Before the name is tried: what a probe for names costs is an account of this hour, made or not.
      const account = { what: 'account', address, limit: perHour, seconds: HOUR };
      const wait = await takeOfNetwork(limiter, account);
      if (wait !== undefined) return refuse('rate_limited', wait);
      return create(ticket, body, chain);
    },
  };
}

/** The state after a `create` statement that verifies, for this very account and with this device as its first. */
function readFirstState(body: RouteBody<'registerFinish'>): ChainState | undefined {
  const verified = verifyChain(body.account, [body.statement]);
  if (!verified.ok) return undefined;
  const [first, ...others] = verified.state.devices;
  if (first === undefined || others.length > 0 || !equalBytes(first.id, body.device)) return undefined;
  return verified.state;
}
