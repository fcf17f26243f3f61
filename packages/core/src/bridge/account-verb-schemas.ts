import { LIMITS } from '@sotto/protocol';
import { z } from 'zod';
import type {
  DevicesView,
  PasswordVerdict,
  ProofInput,
  ResetStep,
  RestoreInput,
  SecurityView,
  SignInStep,
} from '../chat/account-verbs.ts';
import { done, nothing, type VerbSchema } from './verb-schema.ts';
import type { AccountVerbName } from './verbs.ts';
import { bytes, hex } from './view-schemas.ts';

const text = z.string().max(256);
const password = z.string().max(4096);
const email = z.string().max(LIMITS.email + 64);
const invite = z.string().max(64).optional();
const shared = z.boolean().optional();
const json = z.string().max(LIMITS.webAuthn);
/** Of a credential, base64url. */
const credential = z.string().max(2048);
const prf = bytes(64);
const withPassword = z.strictObject({ password });
const withCode = z.strictObject({ code: text });

const factorMethod = z.enum(['mail', 'totp', 'passkey', 'recovery_code', 'recovery_key']);
const passkeyOptions = z.union([z.string().max(2 * LIMITS.webAuthn), z.undefined()]);
const secondFactor = z.strictObject({
  state: z.literal('second_factor'),
  methods: z.array(factorMethod),
  passkey: passkeyOptions.optional(),
});
const recoveryCodes = z.array(text).max(LIMITS.recoveryCodes);

const proof: z.ZodType<ProofInput> = z.discriminatedUnion('method', [
  z.strictObject({ method: z.enum(['mail', 'totp', 'recovery_code']), code: text }),
  z.strictObject({ method: z.literal('passkey'), response: json, prf: prf.optional() }),
  z.strictObject({ method: z.literal('recovery_key'), key: text }),
]);
const restore: z.ZodType<RestoreInput> = z.discriminatedUnion('way', [
  z.strictObject({ way: z.enum(['known', 'new_identity']) }),
  z.strictObject({ way: z.literal('recovery_key'), key: text }),
  z.strictObject({ way: z.literal('passkey'), credential, prf }),
]);
const signInStep: z.ZodType<SignInStep> = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('signed_in') }),
  secondFactor,
]);
const resetStep: z.ZodType<ResetStep> = z.discriminatedUnion('state', [
  secondFactor,
  z.strictObject({
    state: z.literal('choose'),
    ways: z.array(z.enum(['this_device', 'recovery_key', 'passkey', 'new_identity'])),
    known: z.boolean(),
    passkey: passkeyOptions.optional(),
  }),
]);
const verdict: z.ZodType<PasswordVerdict> = z.strictObject({
  score: z.number(),
  enough: z.boolean(),
  reason: z.union([z.enum(['too_short', 'too_common', 'too_guessable', 'like_the_name']), z.undefined()]),
});
const securityView: z.ZodType<SecurityView> = z.strictObject({
  email: z.union([email, z.undefined()]),
  factors: z.array(factorMethod),
  recoveryCodesLeft: z.int().min(0),
  passkeys: z.array(
    z.strictObject({
      id: credential,
      name: z.union([text, z.undefined()]),
      addedAt: z.number(),
      opensVault: z.boolean(),
    }),
  ),
  recoveryKey: z.boolean(),
});
const session = z.strictObject({
  id: text,
  shared: z.boolean(),
  openedAt: z.number(),
  renewedAt: z.number(),
});
const devicesView: z.ZodType<DevicesView> = z.strictObject({
  devices: z.array(
    z.strictObject({
      device: text,
      name: z.union([text, z.undefined()]),
      current: z.boolean(),
      session: z.union([session, z.undefined()]),
    }),
  ),
  signIns: z.array(z.strictObject({ time: z.number(), device: text, method: text })),
});

/** What the verbs of accounts take and give. */
export const ACCOUNT_VERB_SCHEMAS: { readonly [N in AccountVerbName]: VerbSchema<N> } = {
  judgePassword: { input: z.strictObject({ password, username: text }), output: verdict },
  startEmail: { input: z.strictObject({ email, invite }), output: done },
  confirmEmail: { input: withCode, output: done },
  register: { input: z.strictObject({ username: text, password, invite, shared }), output: done },
  signIn: { input: z.strictObject({ username: text, password, shared }), output: signInStep },
  sendCode: { input: nothing, output: done },
  verifySignIn: { input: proof, output: done },
  forgotPassword: { input: z.strictObject({ username: text }), output: done },
  proveReset: { input: proof, output: resetStep },
  finishReset: { input: z.strictObject({ password, restore, shared }), output: done },
  cancelSignIn: { input: nothing, output: done },
  security: { input: nothing, output: securityView },
  changePassword: { input: z.strictObject({ current: password, next: password }), output: done },
  makeRecoveryKey: { input: withPassword, output: z.strictObject({ key: text }) },
  testRecoveryKey: {
    input: z.strictObject({ key: text }),
    output: z.strictObject({ opens: z.boolean() }),
  },
  changeEmail: { input: z.strictObject({ password, email }), output: done },
  confirmEmailChange: { input: withCode, output: done },
  removeEmail: { input: withPassword, output: done },
  setMailFactor: { input: z.strictObject({ password, on: z.boolean() }), output: done },
  startTotp: {
    input: withPassword,
    output: z.strictObject({ secret: text, uri: z.string().max(1024) }),
  },
  finishTotp: { input: withCode, output: z.strictObject({ recoveryCodes }) },
  removeTotp: { input: withPassword, output: done },
  renewRecoveryCodes: { input: withPassword, output: z.strictObject({ recoveryCodes }) },
  startPasskey: {
    input: withPassword,
    output: z.strictObject({ options: z.string().max(2 * LIMITS.webAuthn) }),
  },
  finishPasskey: {
    input: z.strictObject({ response: json, name: text, prf: prf.optional() }),
    output: z.strictObject({ recoveryCodes: z.union([recoveryCodes, z.undefined()]) }),
  },
  removePasskey: { input: z.strictObject({ password, id: credential }), output: done },
  devices: { input: nothing, output: devicesView },
  nameDevice: { input: z.strictObject({ name: text }), output: done },
  endSessions: { input: z.strictObject({ session: text.optional() }), output: done },
  removeDevice: { input: z.strictObject({ device: hex(16) }), output: done },
  dismissNotice: { input: z.strictObject({ id: z.string().max(128) }), output: done },
  deleteAccount: { input: withPassword, output: done },
  setLock: {
    input: z.strictObject({
      passphrase: password,
      minutes: z
        .number()
        .positive()
        .max(7 * 24 * 60),
    }),
    output: done,
  },
  setLockPasskey: { input: z.strictObject({ credential, prf }), output: done },
  removeLock: { input: nothing, output: done },
  lock: { input: nothing, output: done },
  unlock: {
    input: z.discriminatedUnion('way', [
      z.strictObject({ way: z.literal('passphrase'), passphrase: password }),
      z.strictObject({ way: z.literal('passkey'), credential, prf }),
    ]),
    output: done,
  },
  wipeLocked: { input: nothing, output: done },
  noteActivity: { input: nothing, output: done },
};
