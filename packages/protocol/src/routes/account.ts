import { z } from 'zod';
import { bytes, counter, deviceId, time } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import {
  code,
  confirmation,
  email,
  factorMethod,
  label,
  nothing,
  opaqueMessage,
  recoveryCode,
  statement,
  ticket,
  vault,
  vaultUpdate,
  webAuthnJson,
} from './shapes.ts';

const credentialId = bytes(1, LIMITS.credentialId);
const sessionId = bytes(16);
const recoveryCodes = z.array(recoveryCode).length(LIMITS.recoveryCodes);

const passkey = z.strictObject({ id: credentialId, label: label.optional(), addedAt: time });
const listedSession = z.strictObject({
  id: sessionId,
  device: deviceId,
  current: z.boolean(),
  shared: z.boolean(),
  openedAt: time,
  /** When its tokens were last renewed: at most ten minutes before it was last used. */
  renewedAt: time,
});
/** One of the last sign-ins. No address: the relay keeps none. */
const signIn = z.strictObject({
  time,
  device: deviceId,
  method: z.enum(['password', 'mail', 'totp', 'passkey', 'recovery_code', 'recovery_key', 'reset']),
});

/** What the owner of an account does with it. Changes of how it is opened take the password again. */
export const ACCOUNT_ROUTES = {
  account: {
    method: 'GET',
    path: '/account',
    auth: 'token',
    response: z.strictObject({
      vault,
      email: email.optional(),
      /** Second factors that a sign-in asks for one of. */
      factors: z.array(factorMethod).max(5),
      recoveryCodesLeft: counter,
      passkeys: z.array(passkey).max(LIMITS.passkeys),
      recoveryKey: z.boolean(),
    }),
  },
  /** OPAQUE login for an account that is signed in: both legs, as for signing in. */
  confirm: {
    method: 'POST',
    path: '/account/confirm',
    auth: 'token',
    body: z.strictObject({ request: opaqueMessage }),
    response: z.strictObject({ ticket, response: opaqueMessage }),
  },
  confirmFinish: {
    method: 'POST',
    path: '/account/confirm/finish',
    auth: 'token',
    body: z.strictObject({ ticket, finish: opaqueMessage }),
    response: z.strictObject({ confirmation }),
  },
  /** OPAQUE registration of another password, both legs. Other sessions end with it. */
  changePassword: {
    method: 'POST',
    path: '/account/password',
    auth: 'token',
    body: z.strictObject({ confirmation, request: opaqueMessage }),
    response: z.strictObject({ ticket, response: opaqueMessage }),
  },
  changePasswordFinish: {
    method: 'POST',
    path: '/account/password/finish',
    auth: 'token',
    body: z.strictObject({ ticket, record: opaqueMessage, vault: vaultUpdate }),
    response: nothing,
  },
  /** Another wrap of the vault's key comes or goes. */
  putVault: {
    method: 'POST',
    path: '/account/vault',
    auth: 'token',
    body: z.strictObject({ confirmation, vault: vaultUpdate }),
    response: z.strictObject({ version: counter }),
  },
  setEmail: {
    method: 'POST',
    path: '/account/email',
    auth: 'token',
    body: z.strictObject({ confirmation, email }),
    response: z.strictObject({ ticket }),
  },
  setEmailVerify: {
    method: 'POST',
    path: '/account/email/verify',
    auth: 'token',
    body: z.strictObject({ ticket, code }),
    response: nothing,
  },
  /** Also ends codes by mail as a second factor. */
  removeEmail: {
    method: 'POST',
    path: '/account/email/remove',
    auth: 'token',
    body: z.strictObject({ confirmation }),
    response: nothing,
  },
  /** Codes by mail as a second factor: the weakest, since whoever reads the mail has it. */
  setMailFactor: {
    method: 'POST',
    path: '/account/factors/mail',
    auth: 'token',
    body: z.strictObject({ confirmation, on: z.boolean() }),
    response: nothing,
  },
  /** A secret for an authenticator app (RFC 6238), base32, and the URI that its QR code holds. Not in force yet. */
  startTotp: {
    method: 'POST',
    path: '/account/factors/totp',
    auth: 'token',
    body: z.strictObject({ confirmation }),
    response: z.strictObject({ ticket, secret: z.string().max(128), uri: z.string().max(512) }),
  },
  /** The first code puts it in force, and gives ten recovery codes that are shown this once. */
  finishTotp: {
    method: 'POST',
    path: '/account/factors/totp/finish',
    auth: 'token',
    body: z.strictObject({ ticket, code }),
    response: z.strictObject({ recoveryCodes }),
  },
  removeTotp: {
    method: 'POST',
    path: '/account/factors/totp/remove',
    auth: 'token',
    body: z.strictObject({ confirmation }),
    response: nothing,
  },
  /** Ten new recovery codes; the old ones are void. */
  renewRecoveryCodes: {
    method: 'POST',
    path: '/account/factors/recovery_codes',
    auth: 'token',
    body: z.strictObject({ confirmation }),
    response: z.strictObject({ recoveryCodes }),
  },
  startPasskey: {
    method: 'POST',
    path: '/account/factors/passkeys',
    auth: 'token',
    body: z.strictObject({ confirmation }),
    response: z.strictObject({ ticket, options: webAuthnJson }),
  },
  /** `recoveryCodes` when this is the first factor that can be lost. */
  finishPasskey: {
    method: 'POST',
    path: '/account/factors/passkeys/finish',
    auth: 'token',
    body: z.strictObject({ ticket, response: webAuthnJson, label: label.optional() }),
    response: z.strictObject({ id: credentialId, recoveryCodes: recoveryCodes.optional() }),
  },
  removePasskey: {
    method: 'POST',
    path: '/account/factors/passkeys/remove',
    auth: 'token',
    body: z.strictObject({ confirmation, id: credentialId }),
    response: nothing,
  },
  /** Open sessions, names of devices (newest last), and the last sign-ins, newest first. */
  sessions: {
    method: 'GET',
    path: '/account/sessions',
    auth: 'token',
    response: z.strictObject({
      sessions: z.array(listedSession).max(LIMITS.listedSessions),
      labels: z.array(z.strictObject({ device: deviceId, label })).max(LIMITS.labels),
      signIns: z.array(signIn).max(LIMITS.signIns),
    }),
  },
  /** Ends one session, or without `session` all but the caller's. */
  endSessions: {
    method: 'POST',
    path: '/account/sessions/end',
    auth: 'token',
    body: z.strictObject({ session: sessionId.optional() }),
    response: nothing,
  },
  /** Names the device of the caller. */
  setLabel: {
    method: 'POST',
    path: '/account/label',
    auth: 'token',
    body: z.strictObject({ label }),
    response: nothing,
  },
  /** Ends the account: `statement` closes its chain. Everything else of it goes, but for its name, which nobody gets again. */
  deleteAccount: {
    method: 'POST',
    path: '/account/delete',
    auth: 'token',
    body: z.strictObject({ confirmation, statement }),
    response: nothing,
  },
} as const;
