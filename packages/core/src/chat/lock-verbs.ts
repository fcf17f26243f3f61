import { ChatError, type Verbs } from './chat.ts';
import type { ChatDeps } from './deps.ts';
import type { Runtime } from './runtime.ts';

type LockVerb =
  | 'setLock'
  | 'setLockPasskey'
  | 'removeLock'
  | 'lock'
  | 'unlock'
  | 'wipeLocked'
  | 'noteActivity';

/** The app lock. */
export function lockVerbs(_deps: ChatDeps, _runtime: Runtime): Pick<Verbs, LockVerb> {
  const missing = async () => {
    throw new ChatError('internal');
  };
  return {
    setLock: missing,
    setLockPasskey: missing,
    removeLock: missing,
    lock: missing,
    unlock: missing,
    wipeLocked: missing,
    noteActivity: async () => undefined,
  };
}
