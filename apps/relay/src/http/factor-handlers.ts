import type { AccountEmail } from '../auth/account-email.ts';
import type { AccountFactors } from '../auth/account-factors.ts';
import type { AccountPasskeys } from '../auth/account-passkeys.ts';
import { answer, done } from './answers.ts';
import type { Handlers } from './handlers.ts';

export interface FactorHandlersDeps {
  readonly accountEmail: AccountEmail;
  readonly accountFactors: AccountFactors;
  readonly accountPasskeys: AccountPasskeys;
}

type FactorHandlers = Pick<
  Handlers,
  | 'setEmail'
  | 'setEmailVerify'
  | 'removeEmail'
  | 'setMailFactor'
  | 'startTotp'
  | 'finishTotp'
  | 'removeTotp'
  | 'renewRecoveryCodes'
  | 'startPasskey'
  | 'finishPasskey'
  | 'removePasskey'
>;

export function createFactorHandlers(deps: FactorHandlersDeps): FactorHandlers {
  const { accountEmail, accountFactors, accountPasskeys } = deps;
  return {
    setEmail: async ({ body, caller, address }) => answer(await accountEmail.set(body, caller, address)),
    setEmailVerify: async ({ body, caller }) => done(await accountEmail.verify(body, caller)),
    removeEmail: async ({ body, caller }) => done(await accountEmail.remove(body, caller)),
    setMailFactor: async ({ body, caller }) => done(await accountEmail.setFactor(body, caller)),
    startTotp: async ({ body, caller }) => answer(await accountFactors.startTotp(body, caller)),
    finishTotp: async ({ body, caller }) => answer(await accountFactors.finishTotp(body, caller)),
    removeTotp: async ({ body, caller }) => done(await accountFactors.removeTotp(body, caller)),
    renewRecoveryCodes: async ({ body, caller }) =>
      answer(await accountFactors.renewRecoveryCodes(body, caller)),
    startPasskey: async ({ body, caller }) => answer(await accountPasskeys.start(body, caller)),
    finishPasskey: async ({ body, caller }) => answer(await accountPasskeys.finish(body, caller)),
    removePasskey: async ({ body, caller }) => done(await accountFactors.removePasskey(body, caller)),
  };
}
