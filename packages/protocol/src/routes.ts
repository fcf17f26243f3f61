import { z } from 'zod';
import { accountId, bytes, counter, deviceId, username } from './ids.ts';
import { LIMITS } from './limits.ts';

const nothing = z.strictObject({});
const opaqueMessage = bytes(1, LIMITS.opaqueMessage);
const ticket = bytes(16);
const vault = bytes(1, LIMITS.vault);
const statement = bytes(1, LIMITS.statement);
const keyPackage = bytes(1, LIMITS.keyPackage);
const user = z.strictObject({ username, account: accountId });

/** What a sign-in gives: a short access token in the body, the refresh token only as an HttpOnly cookie. */
const session = z.strictObject({
  accessToken: z.string().max(2048),
  /** Seconds. */
  expiresIn: z.int().positive(),
  account: accountId,
  device: deviceId,
  username,
});
export type Session = z.infer<typeof session>;
export type User = z.infer<typeof user>;

/** 32 hexadecimal characters in a path. */
const accountInPath = z.strictObject({ account: z.string().regex(/^[0-9a-f]{32}$/) });

/**
 * Every HTTP route: method, path, who may call it, and the shapes of params, query, body and answer. Bodies and answers
 * are CBOR (`application/cbor`), so that bytes are bytes. Refusals are `{ok: false, code, retryAfter?}` with the
 * catalogue's status.
 */
export const ROUTES = {
  /** What a page must know before anybody signs in. */
  about: {
    method: 'GET',
    path: '/about',
    auth: 'none',
    response: z.strictObject({
      protocol: z.int(),
      directory: z.enum(['exact', 'open']),
      /** Whether the relay has an operator's message, retention in days. */
      entryDays: z.int(),
    }),
  },
  /** OPAQUE registration, first leg (RFC 9807 §5.1). */
  register: {
    method: 'POST',
    path: '/auth/register',
    auth: 'none',
    body: z.strictObject({ username, request: opaqueMessage }),
    response: z.strictObject({ ticket, response: opaqueMessage }),
  },
  /** Second leg: creates account, chain and first session together or not at all. */
  registerFinish: {
    method: 'POST',
    path: '/auth/register/finish',
    auth: 'none',
    body: z.strictObject({
      ticket,
      record: opaqueMessage,
      account: accountId,
      device: deviceId,
      /** The chain's `create` statement; the relay verifies it. */
      statement,
      vault,
    }),
    response: session,
  },
  /** OPAQUE login, first leg (RFC 9807 §6). Unknown names get a fake answer of the same size. */
  login: {
    method: 'POST',
    path: '/auth/login',
    auth: 'none',
    body: z.strictObject({ username, request: opaqueMessage }),
    response: z.strictObject({ ticket, response: opaqueMessage }),
  },
  /** Second leg. `device` may be one the chain does not know yet: it then adds itself with `appendStatement`. */
  loginFinish: {
    method: 'POST',
    path: '/auth/login/finish',
    auth: 'none',
    body: z.strictObject({ ticket, finish: opaqueMessage, device: deviceId }),
    response: z.strictObject({ session, vault }),
  },
  /** Rotates the refresh cookie; its reuse ends the session. */
  refresh: { method: 'POST', path: '/auth/refresh', auth: 'cookie', body: nothing, response: session },
  /** Ends the session and its live sockets. */
  logout: { method: 'POST', path: '/auth/logout', auth: 'token', body: nothing, response: nothing },
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

export type RouteName = keyof typeof ROUTES;
type Shape<R, K extends string> = R extends Record<K, infer S extends z.ZodType> ? z.infer<S> : undefined;
export type RouteBody<N extends RouteName> = Shape<(typeof ROUTES)[N], 'body'>;
export type RouteQuery<N extends RouteName> = Shape<(typeof ROUTES)[N], 'query'>;
export type RouteParams<N extends RouteName> = Shape<(typeof ROUTES)[N], 'params'>;
export type RouteResponse<N extends RouteName> = Shape<(typeof ROUTES)[N], 'response'>;
