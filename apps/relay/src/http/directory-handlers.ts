import {
  type AccountId,
  decodeHex,
  encodeHex,
  equalBytes,
  LIMITS,
  PROTOCOL_VERSION,
  type Refusal,
  type RouteResponse,
} from '@sotto/protocol';
import { extendOwnChain } from '../auth/own-chain.ts';
import type { RateLimiter } from '../auth/rate-limiter.ts';
import type { RegistrationMode } from '../auth/registration-door.ts';
import type { Sessions } from '../auth/sessions.ts';
import type { Quotas } from '../quotas.ts';
import { isRefusal, refuse } from '../refuse.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { ChainStore } from '../store/chain-store.ts';
import type { OpenSession } from '../store/session-store.ts';
import { type Call, type Handlers, succeed } from './handlers.ts';

export interface DirectoryDeps {
  readonly accounts: AccountStore;
  readonly chains: ChainStore;
  readonly sessions: Sessions;
  readonly limiter: RateLimiter;
  readonly quotas: Quotas;
  /** `exact`: a name is answered to who knows it. `open`: anybody signed in may leaf through all. */
  readonly directory: 'exact' | 'open';
  readonly registration: RegistrationMode;
  /** Whether this relay sends mail, and wants an address of everybody. */
  readonly mail: boolean;
  readonly requireEmail: boolean;
}

type DirectoryHandlers = Pick<Handlers, 'about' | 'users' | 'user' | 'chain' | 'appendStatement'>;

const MINUTE = 60;
const HOUR = 3600;

export function createDirectoryHandlers(deps: DirectoryDeps): DirectoryHandlers {
  const { accounts, chains, sessions, limiter, quotas, directory } = deps;
  const limitLookups = async ({ account }: OpenSession): Promise<Refusal | undefined> => {
    const wait = await limiter.take(`lookup ${encodeHex(account)}`, quotas.lookupsPerMinute, MINUTE);
    return wait === undefined ? undefined : refuse('rate_limited', wait);
  };
  /** Names that nobody has are what trying a list of names costs: whoever is over it learns of no name at all. */
  const findExact = async (
    query: UsersQuery,
    { account }: OpenSession,
  ): Promise<RouteResponse<'users'> | Refusal> => {
    const key = `miss ${encodeHex(account)}`;
    const wait = await limiter.waitOf(key, quotas.missesPerHour);
    if (wait !== undefined) return refuse('rate_limited', wait);
    const found = await findName(accounts, query);
    if (isRefusal(found) || found.users.length > 0) return found;
    const late = await limiter.take(key, quotas.missesPerHour, HOUR);
    return late === undefined ? found : refuse('rate_limited', late);
  };
  return {
    async about() {
      return succeed({
        protocol: PROTOCOL_VERSION,
        directory,
        entryDays: LIMITS.entryDaysDefault,
        registration: deps.registration,
        mail: deps.mail,
        emailRequired: deps.requireEmail,
      });
    },
    async users({ query, caller }) {
      const limited = await limitLookups(caller);
      if (limited !== undefined) return limited;
      const found = directory === 'open' ? await listNames(accounts, query) : await findExact(query, caller);
      return isRefusal(found) ? found : succeed(found);
    },
    async user({ params, caller }) {
      const limited = await limitLookups(caller);
      if (limited !== undefined) return limited;
      const account = readAccount(params.account);
      const username = await accounts.findName(account);
      return username === undefined ? refuse('not_found') : succeed({ username, account });
    },
    async chain({ params, query, caller }) {
      const limited = await limitLookups(caller);
      if (limited !== undefined) return limited;
      const statements = await chains.readStatements(readAccount(params.account), query.from ?? 0);
      return statements === undefined ? refuse('not_found') : succeed({ statements });
    },
    async appendStatement({ params, body, caller }) {
      if (!equalBytes(readAccount(params.account), caller.account)) return refuse('forbidden');
      const wait = await limiter.take(`write ${params.account}`, quotas.writesPerHour, HOUR);
      if (wait !== undefined) return refuse('rate_limited', wait);
      const extended = await extendOwnChain(chains, caller.account, body.statement);
      if (isRefusal(extended)) return extended;
      sessions.announceEnded(extended.endedSessions);
      return succeed({ seq: extended.seq });
    },
  };
}

type UsersQuery = Call<'users'>['query'];

async function findName(
  accounts: AccountStore,
  { name, after }: UsersQuery,
): Promise<RouteResponse<'users'> | Refusal> {
  if (name === undefined || after !== undefined) return refuse('forbidden');
  const found = await accounts.findByName(name);
  return { users: found === undefined ? [] : [{ username: found.username, account: found.account }] };
}

async function listNames(
  accounts: AccountStore,
  { name, after }: UsersQuery,
): Promise<RouteResponse<'users'>> {
  return {
    users: await accounts.list({ prefix: name ?? '', after: after ?? '', limit: LIMITS.usersPage }),
  };
}

/** The schema has checked the 32 hexadecimal characters. */
function readAccount(text: string): AccountId {
  const account = decodeHex(text);
  if (account?.length !== 16) throw new TypeError('path without an account');
  return account as AccountId;
}
