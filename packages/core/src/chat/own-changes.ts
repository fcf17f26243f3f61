import type { AccountNoticeView } from './account-verbs.ts';
import type { VerbName, Verbs } from './chat.ts';
import type { Runtime } from './runtime.ts';

type NoticeKind = AccountNoticeView['kind'];

/** What a verb changes of the account that other devices are told of. */
const CHANGES: Partial<Record<VerbName, readonly NoticeKind[]>> = {
  changePassword: ['password_changed'],
  makeRecoveryKey: ['factors_changed'],
  confirmEmailChange: ['email_changed'],
  // Ends codes by mail, too.
  removeEmail: ['email_changed', 'factors_changed'],
  setMailFactor: ['factors_changed'],
  finishTotp: ['factors_changed'],
  removeTotp: ['factors_changed'],
  renewRecoveryCodes: ['factors_changed'],
  finishPasskey: ['factors_changed'],
  removePasskey: ['factors_changed'],
};

/** The same verbs, of whose changes this device is not told: they are its own. */
export function untold<V extends Partial<Verbs>>(runtime: Runtime, verbs: V): V {
  const wrapped = Object.entries(verbs).map(([name, verb]) => {
    const run = verb as (input: never) => Promise<unknown>;
    const kinds = CHANGES[name as VerbName];
    if (kinds === undefined) return [name, run];
    return [name, (input: never) => runtime.engine().notices.during(kinds, () => run(input))];
  });
  return Object.fromEntries(wrapped) as V;
}
