import { deleteAccount } from '../account/delete.ts';
import { endSessions, listDevices, nameDevice, removeDevice } from '../account/devices.ts';
import { leaveAccount } from '../account/leave.ts';
import type { Verbs } from './chat.ts';
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
export function deviceVerbs(runtime: Runtime): Pick<Verbs, DeviceVerb> {
  const { engine } = runtime;
  return {
    async signOut() {
      const { record, session, pins } = engine();
      await leaveAccount({ record, session, pins });
      await runtime.wipe();
    },
    devices: async () => await listDevices(engine()),
    nameDevice: ({ name }) => nameDevice(engine(), name),
    endSessions: ({ session }) => endSessions(engine(), session),
    async removeDevice({ device }) {
      const own = engine();
      await removeDevice(own, device);
      for (const thread of own.conversations.list()) thread.review();
      runtime.changed();
    },
    dismissNotice: ({ id }) => engine().notices.dismiss(id),
    async deleteAccount({ password }) {
      await deleteAccount(engine(), password);
      await runtime.wipe();
    },
  };
}
