import { leaveAccount } from '../account/leave.ts';
import { ChatError, type Verbs } from './chat.ts';
import type { ChatDeps } from './deps.ts';
import type { Runtime } from './runtime.ts';

type DeviceVerb =
  | 'signOut'
  | 'devices'
  | 'nameDevice'
  | 'endSessions'
  | 'removeDevice'
  | 'dismissNotice'
  | 'deleteAccount';

/** The account's devices and sessions, and the ways out of it. */
export function deviceVerbs(_deps: ChatDeps, runtime: Runtime): Pick<Verbs, DeviceVerb> {
  const missing = async () => {
    throw new ChatError('internal');
  };
  return {
    async signOut() {
      const { record, session, pins } = runtime.engine();
      await leaveAccount({ record, session, pins });
      await runtime.wipe();
    },
    devices: missing,
    nameDevice: missing,
    endSessions: missing,
    removeDevice: missing,
    dismissNotice: missing,
    deleteAccount: missing,
  };
}
