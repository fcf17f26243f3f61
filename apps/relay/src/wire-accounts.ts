import { type AccountId, LIMITS, type NoticeOf } from '@sotto/protocol';
import { createAccountCredentials } from './auth/account-credentials.ts';
import { createAccountEmail } from './auth/account-email.ts';
import { createAccountFactors } from './auth/account-factors.ts';
import { createAccountNotices } from './auth/account-notices.ts';
import { createAccountPasskeys } from './auth/account-passkeys.ts';
import { createAddressProof } from './auth/address-proof.ts';
import { createAdmission } from './auth/admission.ts';
import { createAttempts } from './auth/attempts.ts';
import { createCodeMail } from './auth/code-mail.ts';
import { createCodes } from './auth/codes.ts';
import { createConfirmation } from './auth/confirmation.ts';
import { createLogin } from './auth/login.ts';
import { createLoginCode } from './auth/login-code.ts';
import { createMailLimits } from './auth/mail-limits.ts';
import type { OpaqueServer } from './auth/opaque-server.ts';
import { createPasskeys } from './auth/passkeys.ts';
import type { RateLimiter } from './auth/rate-limiter.ts';
import { createRegistration } from './auth/registration.ts';
import { createRegistrationDoor, type RegistrationMode } from './auth/registration-door.ts';
import type { RelayKeys } from './auth/relay-keys.ts';
import { createReset } from './auth/reset.ts';
import { createResetFinish } from './auth/reset-finish.ts';
import { createResetMail } from './auth/reset-mail.ts';
import { createSecondFactors } from './auth/second-factors.ts';
import type { Sessions } from './auth/sessions.ts';
import { createTickets } from './auth/tickets.ts';
import { createTotpLimit } from './auth/totp-limit.ts';
import { createWork } from './auth/work.ts';
import type { Clock, Random } from './clock.ts';
import { createAccountHandlers } from './http/account-handlers.ts';
import { createFactorHandlers } from './http/factor-handlers.ts';
import { createResetHandlers } from './http/reset-handlers.ts';
import { createSignInHandlers } from './http/sign-in-handlers.ts';
import { describeError, type Log } from './log.ts';
import type { Mailer } from './mail/mailer.ts';
import type { Quotas } from './quotas.ts';
import type { AccountStores } from './store/account-stores.ts';

export interface AccountHandlerParts {
  readonly stores: AccountStores;
  readonly keys: RelayKeys;
  readonly opaque: OpaqueServer;
  readonly sessions: Sessions;
  readonly limiter: RateLimiter;
  readonly mailer: Mailer;
  readonly quotas: Quotas;
  readonly registration: RegistrationMode;
  readonly requireEmail: boolean;
  /** How long a code by mail serves. */
  readonly codeSeconds: number;
  readonly origin: () => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly notifyAccount: (
    account: AccountId,
    name: 'account:changed',
    notice: NoticeOf<'account:changed'>,
  ) => void;
}

/** Wires what answers the routes of accounts: getting in, getting back in, securing, leaving. */
export function wireAccountHandlers(parts: AccountHandlerParts) {
  const shared = wireSharedParts(parts);
  const door = createRegistrationDoor({ ...parts, ...parts.stores, work: shared.work });
  const addressProof = createAddressProof({ ...shared, door });
  const registration = createRegistration({ ...parts, ...shared, door, addressProof });
  const resetMail = createResetMail(shared);
  return {
    mode: door.mode,
    handlers: {
      ...createSignInHandlers({
        ...shared,
        addressProof,
        registration,
        login: createLogin(shared),
        loginCode: createLoginCode({ ...shared, resetMail }),
      }),
      ...createResetHandlers({
        reset: createReset({ ...shared, resetMail }),
        resetFinish: createResetFinish(shared),
      }),
      ...wireOwnersHandlers(parts, shared),
    },
  };
}

type SharedParts = ReturnType<typeof wireSharedParts>;

function wireSharedParts(parts: AccountHandlerParts) {
  const { stores, keys, clock, random, limiter, quotas, mailer, codeSeconds, origin, log } = parts;
  const { accounts, records, chains, credentials } = stores;
  const { opaque, sessions } = parts;
  const common = { accounts, records, chains, credentials, keys, clock, random, origin, opaque, sessions };
  const codes = createCodes({ ...common, codes: stores.codes });
  const tickets = createTickets({ ...common, codes: stores.codes });
  const passkeys = createPasskeys(origin);
  const attempts = createAttempts({
    counters: stores.counters,
    clock,
    freeAttempts: quotas.freeAttempts,
    codeTries: LIMITS.codeTries,
  });
  const notices = createAccountNotices({
    ...common,
    mailer,
    limiter,
    notifyAccount: parts.notifyAccount,
    report: (error) => log.warn(describeError(error), 'notice not mailed'),
  });
  return {
    ...common,
    codes,
    tickets,
    passkeys,
    attempts,
    notices,
    work: createWork({ ...common, codes: stores.codes, amount: quotas.work }),
    codeMail: createCodeMail({ codes, mailer, clock, codeSeconds, origin }),
    mailLimits: createMailLimits(limiter, quotas, keys),
    secondFactors: createSecondFactors({
      ...common,
      codes,
      passkeys,
      totpLimit: createTotpLimit(limiter, stores.counters),
    }),
    admission: createAdmission({ ...common, signIns: stores.signIns, tickets, attempts, notices }),
  };
}

function wireOwnersHandlers({ requireEmail, limiter }: AccountHandlerParts, shared: SharedParts) {
  const confirmation = createConfirmation(shared);
  const parts = { ...shared, limiter, confirmation };
  return {
    ...createAccountHandlers({ ...parts, accountCredentials: createAccountCredentials(parts) }),
    ...createFactorHandlers({
      accountEmail: createAccountEmail({ ...parts, requireEmail }),
      accountFactors: createAccountFactors({ ...parts, codeTries: LIMITS.codeTries }),
      accountPasskeys: createAccountPasskeys(parts),
    }),
  };
}
