import { ChatError, type Verbs } from './chat.ts';
import type { ChatDeps } from './deps.ts';
import type { Runtime } from './runtime.ts';

type SecurityVerb =
  | 'security'
  | 'changePassword'
  | 'makeRecoveryKey'
  | 'testRecoveryKey'
  | 'changeEmail'
  | 'confirmEmailChange'
  | 'removeEmail'
  | 'setMailFactor'
  | 'startTotp'
  | 'finishTotp'
  | 'removeTotp'
  | 'renewRecoveryCodes'
  | 'startPasskey'
  | 'finishPasskey'
  | 'removePasskey';

/** How the account is secured. Every change takes the password again. */
export function securityVerbs(_deps: ChatDeps, _runtime: Runtime): Pick<Verbs, SecurityVerb> {
  const missing = async () => {
    throw new ChatError('internal');
  };
  return {
    security: missing,
    changePassword: missing,
    makeRecoveryKey: missing,
    testRecoveryKey: missing,
    changeEmail: missing,
    confirmEmailChange: missing,
    removeEmail: missing,
    setMailFactor: missing,
    startTotp: missing,
    finishTotp: missing,
    removeTotp: missing,
    renewRecoveryCodes: missing,
    startPasskey: missing,
    finishPasskey: missing,
    removePasskey: missing,
  };
}
