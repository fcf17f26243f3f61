import { z } from 'zod';
import { accountId, bytes, deviceId, username } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import {
  code,
  email,
  factorProof,
  nothing,
  opaqueMessage,
  secondFactorWanted,
  session,
  statement,
  ticket,
  vault,
  vaultUpdate,
  work,
} from './shapes.ts';

/** This browser is somebody else's: the session ends minutes after it is last used, and so does its cookie. */
const shared = z.boolean().optional();
const signedIn = z.strictObject({ state: z.literal('signed_in'), session, vault });

/** The ways into an account, and back into one. */
export const SIGN_IN_ROUTES = {
  /** What a page must know before anybody signs in. */
  about: {
    method: 'GET',
    path: '/about',
    auth: 'none',
    response: z.strictObject({
      protocol: z.int(),
      directory: z.enum(['exact', 'open']),
      /** Retention of entries in days. */
      entryDays: z.int(),
      registration: z.enum(['open', 'invite', 'closed']),
      /** Whether the relay sends mail: without it, nothing that needs a mailbox can be had. */
      mail: z.boolean(),
      emailRequired: z.boolean(),
    }),
  },
  /** A proof-of-work challenge: JSON of `altcha-lib`. Its solution is asked for where a stranger makes the relay do something. */
  challenge: {
    method: 'GET',
    path: '/auth/challenge',
    auth: 'none',
    response: z.strictObject({ challenge: z.string().max(LIMITS.work) }),
  },
  /** Sends a code to an address that somebody wants to register with. */
  registerEmail: {
    method: 'POST',
    path: '/auth/register/email',
    auth: 'none',
    body: z.strictObject({ email, work, invite: bytes(32).optional() }),
    response: z.strictObject({ ticket }),
  },
  /** `proof`: that the address is the caller's; good for half an hour and any number of tries to register. */
  registerEmailVerify: {
    method: 'POST',
    path: '/auth/register/email/verify',
    auth: 'none',
    body: z.strictObject({ ticket, code }),
    response: z.strictObject({ proof: ticket }),
  },
  /**
   * OPAQUE registration, first leg (RFC 9807 §5.1). Taken names get the same answer as free ones; the second leg says so,
   * at the price of an account.
   */
  register: {
    method: 'POST',
    path: '/auth/register',
    auth: 'none',
    body: z.strictObject({
      username,
      request: opaqueMessage,
      work,
      invite: bytes(32).optional(),
      email: ticket.optional(),
    }),
    response: z.strictObject({ ticket, response: opaqueMessage }),
  },
  /** Second leg: creates account, chain and first session together or not at all; uses the invite up with them. */
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
      vault: bytes(1, LIMITS.vault),
      shared,
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
    body: z.strictObject({ ticket, finish: opaqueMessage, device: deviceId, shared }),
    response: z.discriminatedUnion('state', [signedIn, secondFactorWanted]),
  },
  /** Sends the code of a sign-in or reset that wants one, to the account's own address. */
  loginCode: {
    method: 'POST',
    path: '/auth/login/code',
    auth: 'none',
    body: z.strictObject({ ticket }),
    response: nothing,
  },
  /** The second factor. Nothing of the vault leaves the relay before it. */
  loginVerify: {
    method: 'POST',
    path: '/auth/login/verify',
    auth: 'none',
    body: z.strictObject({ ticket, proof: factorProof }),
    response: signedIn,
  },
  /** Rotates the refresh cookie; its reuse ends the session. */
  refresh: { method: 'POST', path: '/auth/refresh', auth: 'cookie', body: nothing, response: session },
  /** Ends the session and its live sockets. */
  logout: { method: 'POST', path: '/auth/logout', auth: 'token', body: nothing, response: nothing },
  /** Begins a reset: a code goes to the account's address, if there are both. The answer is the same in every case. */
  forgotPassword: {
    method: 'POST',
    path: '/auth/forgot_password',
    auth: 'none',
    body: z.strictObject({ username, work }),
    response: z.strictObject({ ticket }),
  },
  /**
   * Proves that the account is the caller's: first by a mail code or the recovery key, then, where the account has one that
   * is not mail and the first was not the recovery key, by a second factor. What comes last carries the vault.
   */
  resetPassword: {
    method: 'POST',
    path: '/auth/reset_password',
    auth: 'none',
    body: z.strictObject({ ticket, proof: factorProof }),
    response: z.discriminatedUnion('state', [
      secondFactorWanted,
      z.strictObject({ state: z.literal('proved'), ticket, account: accountId, vault }),
    ]),
  },
  /** OPAQUE registration of the new password, first leg. */
  resetPasswordRecord: {
    method: 'POST',
    path: '/auth/reset_password/record',
    auth: 'none',
    body: z.strictObject({ ticket, request: opaqueMessage }),
    response: z.strictObject({ response: opaqueMessage }),
  },
  /** The statements of the account that was proved: the caller makes `recovery_reset` behind them, or none. */
  resetPasswordChain: {
    method: 'POST',
    path: '/auth/reset_password/chain',
    auth: 'none',
    body: z.strictObject({ ticket }),
    response: z.strictObject({ statements: z.array(statement).max(LIMITS.statementsPerChain) }),
  },
  /**
   * New password record and vault in one step; every session of the account ends, and one for `device` begins. `statement`: a
   * `recovery_reset` that brings `device`, when the identity key is lost; without it the device adds itself afterwards.
   */
  resetPasswordFinish: {
    method: 'POST',
    path: '/auth/reset_password/finish',
    auth: 'none',
    body: z.strictObject({
      ticket,
      record: opaqueMessage,
      vault: vaultUpdate,
      device: deviceId,
      statement: statement.optional(),
      shared,
    }),
    response: session,
  },
} as const;
