import { z } from 'zod';
import { accountId, bytes, counter, deviceId, username } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { accountInPath, statement } from './shapes.ts';

const keyPackage = bytes(1, LIMITS.keyPackage);
const user = z.strictObject({ username, account: accountId });
export type User = z.infer<typeof user>;

/** Who is there, with which devices, and how to reach them. */
export const DIRECTORY_ROUTES = {
  /** Exact name by default; without `name` a page of all, when the directory is open. */
  users: {
    method: 'GET',
    path: '/users',
    auth: 'token',
    query: z.strictObject({ name: username.optional(), after: username.optional() }),
    response: z.strictObject({ users: z.array(user).max(LIMITS.usersPage) }),
  },
  /** The name the relay claims for an account. */
  user: { method: 'GET', path: '/users/:account', auth: 'token', params: accountInPath, response: user },
  /** The statements of an account's chain from `from` on. The caller verifies them. */
  chain: {
    method: 'GET',
    path: '/chains/:account',
    auth: 'token',
    params: accountInPath,
    query: z.strictObject({ from: z.coerce.number().pipe(counter).optional() }),
    response: z.strictObject({ statements: z.array(statement).max(LIMITS.statementsPerChain) }),
  },
  /** Appends to one's own chain; compare-and-set on `seq`. */
  appendStatement: {
    method: 'POST',
    path: '/chains/:account',
    auth: 'token',
    params: accountInPath,
    body: z.strictObject({ statement }),
    response: z.strictObject({ seq: counter }),
  },
  /**
   * Publishes KeyPackages of the signed-in device. `lastResort` takes the place of the one before. `replace`: earlier
   * one-time ones that are not in this upload are given to nobody any more, in the same step.
   */
  publishKeyPackages: {
    method: 'POST',
    path: '/keys/packages',
    auth: 'token',
    body: z.strictObject({
      oneTime: z.array(keyPackage).max(LIMITS.keyPackagesPerUpload),
      lastResort: keyPackage.optional(),
      replace: z.boolean().optional(),
    }),
    response: z.strictObject({ left: counter }),
  },
  /** How many one-time KeyPackages of the signed-in device are left, and whether a last-resort one is there. */
  countKeyPackages: {
    method: 'GET',
    path: '/keys/packages',
    auth: 'token',
    response: z.strictObject({ left: counter, lastResort: z.boolean() }),
  },
  /** One KeyPackage of every unrevoked device of an account; a one-time one where there is any. */
  claimKeyPackages: {
    method: 'POST',
    path: '/keys/claim',
    auth: 'token',
    body: z.strictObject({ account: accountId }),
    response: z.strictObject({
      packages: z.array(z.strictObject({ device: deviceId, keyPackage, lastResort: z.boolean() })).max(256),
    }),
  },
} as const;
