import type { AccountVerbs } from '../chat/account-verbs.ts';
import type { VerbName, Verbs } from '../chat/chat.ts';

/** The command table: every verb once. What a verb takes and gives stands in verb-schemas.ts, for the worker alone. */
export const VERBS: { readonly [N in VerbName]: VerbTrait } = {
  judgePassword: { runs: 'here' },
  startEmail: { runs: 'here' },
  confirmEmail: { runs: 'here' },
  register: { runs: 'here' },
  signIn: { runs: 'here' },
  sendCode: { runs: 'here' },
  verifySignIn: { runs: 'here' },
  forgotPassword: { runs: 'here' },
  proveReset: { runs: 'here' },
  finishReset: { runs: 'here' },
  cancelSignIn: { runs: 'here' },
  security: { runs: 'anywhere' },
  changePassword: { runs: 'here' },
  makeRecoveryKey: { runs: 'here' },
  testRecoveryKey: { runs: 'here' },
  changeEmail: { runs: 'here' },
  confirmEmailChange: { runs: 'here' },
  removeEmail: { runs: 'here' },
  setMailFactor: { runs: 'here' },
  startTotp: { runs: 'here' },
  finishTotp: { runs: 'here' },
  removeTotp: { runs: 'here' },
  renewRecoveryCodes: { runs: 'here' },
  startPasskey: { runs: 'here' },
  finishPasskey: { runs: 'here' },
  removePasskey: { runs: 'here' },
  devices: { runs: 'anywhere' },
  nameDevice: { runs: 'anywhere' },
  endSessions: { runs: 'anywhere' },
  removeDevice: { runs: 'anywhere' },
  dismissNotice: { runs: 'anywhere' },
  deleteAccount: { runs: 'here' },
  setLock: { runs: 'here' },
  setLockPasskey: { runs: 'here' },
  removeLock: { runs: 'anywhere' },
  lock: { runs: 'anywhere' },
  unlock: { runs: 'here' },
  wipeLocked: { runs: 'anywhere' },
  noteActivity: { runs: 'anywhere' },
  signOut: { runs: 'anywhere' },
  findPeople: { runs: 'anywhere' },
  openDirect: { runs: 'anywhere' },
  sendMessage: { runs: 'anywhere' },
  readMessages: { runs: 'anywhere' },
  markRead: { runs: 'anywhere' },
  safetyNumber: { runs: 'anywhere' },
  setVerified: { runs: 'anywhere' },
  relayView: { runs: 'anywhere' },
  resolveAlarm: { runs: 'anywhere' },
  reconnect: { runs: 'anywhere' },
};

/**
 * `anywhere`: by whichever tab leads, and asked again of the next leader when one goes before it answered; such verbs
 * mean the same twice. `here`: takes or gives a password, code, key or PRF output, which never crosses to another tab, or
 * goes on with what only this tab's engine remembers of such a verb: the tab where it was typed takes the lead first, and nobody
 * repeats it.
 */
interface VerbTrait {
  readonly runs: 'anywhere' | 'here';
}

export type AccountVerbName = keyof AccountVerbs;
export type InputOf<N extends VerbName> = Parameters<Verbs[N]>[0];
export type OutputOf<N extends VerbName> = Awaited<ReturnType<Verbs[N]>>;

export function isVerbName(name: unknown): name is VerbName {
  return typeof name === 'string' && Object.hasOwn(VERBS, name);
}
