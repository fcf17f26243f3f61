import { createHash } from 'node:crypto';
import {
  type AccountId,
  encodeBase64Url,
  encodeHex,
  LIMITS,
  type User,
  type Username,
} from '@sotto/protocol';
import { changeProofs, readProofs } from '../auth/account-proofs.ts';
import { listCurrentDevices, readChain } from '../auth/own-chain.ts';
import type { Sessions } from '../auth/sessions.ts';
import type { Clock, Random } from '../clock.ts';
import type { Config } from '../config.ts';
import { describeError, type Log } from '../log.ts';
import type { AccountStores } from '../store/account-stores.ts';
import { StoreError } from '../store/store-error.ts';
import type { AnswerTo, Failure, Operator, OperatorCommand, OperatorRequest } from './messages.ts';

export interface OperatorDeps {
  readonly accountStores: AccountStores;
  /** Ends sessions for every node that can hear of it. */
  readonly sessions: Pick<Sessions, 'endAll' | 'announceEnded'>;
  readonly registration: Config['registration'];
  readonly origin: () => string;
  /** See `createSnapshots`. */
  readonly backUp: () => Promise<string | undefined>;
  /** Puts another secret of access tokens in the place of the one in force. */
  readonly rotateJwtSecret: () => Promise<'rotated' | 'from_environment'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const DAY_MS = 24 * 3600 * 1000;
const USER_UNKNOWN: Failure = { problem: 'user_unknown' };
/** More than these are not listed. */
const LISTED_INVITES = 10_000;

type Commands = {
  [C in OperatorCommand]: (
    request: Extract<OperatorRequest, { command: C }>,
  ) => Promise<AnswerTo<C> | Failure>;
};

/** What the operator of a relay may do with it, and nothing that opens an account. */
export function createOperator(deps: OperatorDeps): Operator {
  const commands: Commands = { ...createUserCommands(deps), ...createDoorCommands(deps) };
  return async (request) => {
    try {
      // The table pairs each command with its request; the compiler cannot follow that through a union.
      return await commands[request.command](request as never);
    } catch (error) {
      deps.log.error(describeError(error), 'operator command failed');
      return { problem: 'unavailable' };
    }
  };
}

type UserCommands = Pick<Commands, 'list_users' | 'disable_user' | 'enable_user' | 'delete_user'>;

function createUserCommands(deps: OperatorDeps): UserCommands {
  const { accountStores: stores, sessions } = deps;
  const setDisabled = async (name: Username, disabled: boolean): Promise<AccountId | undefined> => {
    const account = (await stores.accounts.findByName(name))?.account;
    if (account === undefined) return undefined;
    await changeProofs(stores.records, account, (proofs) =>
      proofs.disabled === disabled ? undefined : { ...proofs, disabled },
    );
    return account;
  };
  return {
    async list_users({ after }) {
      const users = await stores.accounts.list({ prefix: '', after, limit: LIMITS.usersPage });
      const described = await Promise.all(users.map((user) => describeUser(deps, user)));
      return { users: described, more: users.length === LIMITS.usersPage };
    },
    /** First the door, then who is inside. Its chain stays readable: contacts verify what they had. */
    async disable_user({ name }) {
      const account = await setDisabled(name, true);
      if (account === undefined) return USER_UNKNOWN;
      await sessions.endAll(account, undefined);
      return {};
    },
    async enable_user({ name }) {
      return (await setDisabled(name, false)) === undefined ? USER_UNKNOWN : {};
    },
    /** No key of the account is here to close its chain with: contacts see that it is gone, not that its owner went. */
    async delete_user({ name }) {
      const found = await stores.accounts.findByName(name);
      if (found === undefined) return USER_UNKNOWN;
      sessions.announceEnded(await stores.credentials.erase(found.account));
      return {};
    },
  };
}

async function describeUser({ accountStores: stores, clock }: OperatorDeps, { username, account }: User) {
  const [{ proofs }, sessions, chain] = await Promise.all([
    readProofs(stores.records, account),
    stores.sessions.list(account, clock()),
    readChain(stores.chains, account),
  ]);
  const devices = chain === undefined ? 0 : listCurrentDevices(chain).length;
  return { name: username, disabled: proofs.disabled, sessions: sessions.length, devices };
}

function createDoorCommands(deps: OperatorDeps): Omit<Commands, keyof UserCommands> {
  const { accountStores, registration, origin, clock, random } = deps;
  return {
    async create_invite({ uses, days }) {
      const secret = random(32);
      const createdAt = clock();
      const expiresAt = createdAt + days * DAY_MS;
      await accountStores.invites.create({ hash: hashInvite(secret), uses, createdAt, expiresAt });
      // Behind the `#`, which no browser sends: it stands in no log on the way.
      return { link: `${origin()}/#invite=${encodeBase64Url(secret)}`, expiresAt, registration };
    },
    async list_invites() {
      const invites = (await accountStores.invites.list(clock())).slice(0, LISTED_INVITES);
      return {
        invites: invites.map(({ hash, ...invite }) => ({ id: encodeHex(hash).slice(0, 8), ...invite })),
      };
    },
    async rotate_jwt() {
      const outcome = await deps.rotateJwtSecret();
      return outcome === 'rotated' ? {} : { problem: 'secret_from_environment' };
    },
    async back_up() {
      const folder = await deps.backUp();
      return folder === undefined ? {} : { folder };
    },
    async probe() {
      return { origin: origin(), store: await probeStore(accountStores) };
    },
  };
}

function hashInvite(secret: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(secret).digest());
}

async function probeStore(stores: AccountStores): Promise<'ok' | StoreError['code']> {
  try {
    await stores.probe();
    return 'ok';
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
}
