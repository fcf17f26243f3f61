import { LIMITS, type Refusal, type RouteBody, type RouteResponse } from '@sotto/protocol';
import { decodeChainState, findDevice } from '@sotto/transparency';
import type { Clock, Random } from '../clock.ts';
import { refuse } from '../refuse.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { ChainStore } from '../store/chain-store.ts';
import type { TicketStore } from '../store/ticket-store.ts';
import type { Attempts } from './attempts.ts';
import type { OpaqueServer } from './opaque-server.ts';
import type { SignedIn } from './registration.ts';
import type { Sessions } from './sessions.ts';

export interface Login {
  /** Answers every name alike: whether it exists shows in no body, size or code, and at no finish. */
  start(body: RouteBody<'login'>, address: string): Promise<RouteResponse<'login'> | Refusal>;
  finish(
    body: RouteBody<'loginFinish'>,
    address: string,
  ): Promise<{ readonly signedIn: SignedIn; readonly vault: Uint8Array } | Refusal>;
}

export interface LoginDeps {
  readonly accounts: AccountStore;
  readonly chains: ChainStore;
  readonly tickets: TicketStore;
  readonly opaque: OpaqueServer;
  readonly sessions: Sessions;
  readonly attempts: Attempts;
  readonly clock: Clock;
  readonly random: Random;
}

export function createLogin(deps: LoginDeps): Login {
  const { accounts, chains, tickets, opaque, sessions, attempts, clock, random } = deps;
  return {
    async start({ username, request }, address) {
      const wait = attempts.begin({ username, address });
      if (wait !== undefined) return refuse('rate_limited', wait);
      const account = await accounts.findByName(username);
      const started = opaque.startLogin(username, account?.opaqueRecord, request);
      if (started === undefined) return refuse('bad_request');
      const ticket = random(16);
      const expiresAt = clock() + LIMITS.loginTicketSeconds * 1000;
      await tickets.put(ticket, { leg: 'login', username, state: started.state }, expiresAt);
      return { ticket, response: started.response };
    },
    async finish({ ticket, finish, device }, address) {
      const content = await tickets.take(ticket, clock());
      if (content?.leg !== 'login') return refuse('ticket_invalid');
      const { username, state } = content;
      if (!opaque.finishLogin(username, state, finish)) return refuse('wrong_credentials');
      const account = await accounts.findByName(username);
      if (account === undefined) return refuse('wrong_credentials');
      attempts.succeed({ username, address });
      const chain = await chains.readState(account.account);
      const known = chain === undefined ? undefined : findDevice(decodeChainState(chain), device);
      if (known?.revokedAt !== undefined) return refuse('forbidden');
      const grant = await sessions.open(account.account, device);
      return { signedIn: { ...grant, username }, vault: account.vault };
    },
  };
}
