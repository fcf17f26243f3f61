import type { Username } from '@sotto/protocol';
import { equalBytes, LIMITS, type Refusal, type RouteBody, type RouteResponse } from '@sotto/protocol';
import { type ChainState, encodeChainState, verifyChain } from '@sotto/transparency';
import type { Clock, Random } from '../clock.ts';
import type { Quotas } from '../quotas.ts';
import { refuse } from '../refuse.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { TicketStore } from '../store/ticket-store.ts';
import { networkOf } from './network.ts';
import type { OpaqueServer } from './opaque-server.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { Grant, Sessions } from './sessions.ts';

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
  readonly tickets: TicketStore;
  readonly opaque: OpaqueServer;
  readonly sessions: Sessions;
  readonly limiter: RateLimiter;
  readonly quotas: Quotas;
  readonly clock: Clock;
  readonly random: Random;
}

/** Names tried for one account made: somebody whose first wishes are taken. */
const STARTS_PER_REGISTRATION = 10;
const HOUR = 3600;

export function createRegistration(deps: RegistrationDeps): Registration {
  const { accounts, tickets, opaque, sessions, limiter, quotas, clock, random } = deps;
  const perHour = quotas.registrationsPerHour;
  return {
    async start({ username, request }, address) {
      if (perHour === 0) return refuse('forbidden');
      const wait = limiter.take(`register ${networkOf(address)}`, perHour * STARTS_PER_REGISTRATION, HOUR);
      if (wait !== undefined) return refuse('rate_limited', wait);
      // Who may register can always learn which names are taken: said here, before the password is stretched.
      if ((await accounts.findByName(username)) !== undefined) return refuse('username_taken');
      const response = opaque.answerRegistration(username, request);
      if (response === undefined) return refuse('bad_request');
      const ticket = random(16);
      const expiresAt = clock() + LIMITS.loginTicketSeconds * 1000;
      await tickets.put(ticket, { leg: 'register', username }, expiresAt);
      return { ticket, response };
    },
    async finish(body, address) {
      const ticket = await tickets.take(body.ticket, clock());
      if (ticket?.leg !== 'register') return refuse('ticket_invalid');
      const chain = readFirstState(body);
      if (chain === undefined) return refuse('chain_invalid');
      if (!opaque.isRecord(body.record)) return refuse('bad_request');
      const wait = limiter.take(`account ${networkOf(address)}`, perHour, HOUR);
      if (wait !== undefined) return refuse('rate_limited', wait);
      const username = ticket.username;
      const { session, grant } = sessions.prepare(body.account, body.device);
      const outcome = await accounts.create({
        username,
        account: body.account,
        opaqueRecord: body.record,
        vault: body.vault,
        statement: body.statement,
        chainState: encodeChainState(chain),
        session,
      });
      if (outcome !== 'created') return refuse(outcome);
      return { ...(await grant()), username };
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
