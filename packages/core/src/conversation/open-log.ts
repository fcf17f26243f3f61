import { encodeHex } from '@sotto/protocol';
import type { ConversationDeps } from './deps.ts';
import { newLogState } from './log-state.ts';
import { currentDevices } from './membership.ts';
import { claimPackages, prepareCommit } from './own-commits.ts';
import { createCell, type LogCell, land, type ThreadState } from './thread-state.ts';

/** How soon to look again for devices of somebody who has none that can be reached. */
const RETRY_MS = 30_000;

/** Makes the log of a thread when its first message waits: group, first commit with all devices, Welcomes. */
export interface LogOpener {
  /** Single flight. Does nothing while a log is being made or joined. */
  open(): void;
}

/** @param made called with the log once its first commit is on disk, ready to be sent. */
export function createLogOpener(
  deps: ConversationDeps,
  thread: ThreadState,
  made: (cell: LogCell) => void,
  retry: () => void,
): LogOpener {
  let opening = false;

  async function makeLog(): Promise<void> {
    const { peer } = thread.record;
    await deps.pins.refresh(peer);
    const accounts = [peer, deps.identity.account].sort(compareAccounts);
    const devices = await currentDevices(deps, accounts);
    const own = encodeHex(deps.identity.device);
    const packages = await claimPackages(
      deps,
      devices.filter(({ device }) => encodeHex(device) !== own),
    );
    await thread.serial.run(async () => {
      if (hasLogUnderWay(thread) || deps.alarms.isBlocked(thread.key)) return;
      const id = deps.random(32);
      const settings = { kind: 'direct' as const, accounts, title: '' };
      const group = await deps.mls.createGroup(deps.identity, id, settings);
      const pending = await prepareCommit(deps, group, { add: packages, remove: [] });
      const reachesPeer = pending?.record.welcomes.some(
        (welcome) => encodeHex(welcome.account) === encodeHex(peer),
      );
      if (pending === undefined || reachesPeer !== true) {
        deps.clock.after(RETRY_MS, retry);
        return;
      }
      const fresh = newLogState(id, thread.key, deps.clock.now());
      const firstToken = await group.exportSecret('sotto log access', id, 32);
      const record = { ...fresh.record, status: 'creating' as const, firstToken };
      const cell = createCell({ ...fresh, record, pending });
      await land(deps, thread, { logs: [[cell, cell.state]] });
      made(cell);
    });
  }

  return {
    open() {
      if (opening || hasLogUnderWay(thread) || !deps.isOnline()) return;
      opening = true;
      makeLog()
        .catch(deps.failed)
        .finally(() => {
          opening = false;
        });
    },
  };
}

/** A log that will take messages, now or soon. */
function hasLogUnderWay(thread: ThreadState): boolean {
  return [...thread.cells.values()].some(({ state }) =>
    ['creating', 'joining', 'active'].includes(state.record.status),
  );
}

function compareAccounts(a: Uint8Array, b: Uint8Array): number {
  return encodeHex(a) < encodeHex(b) ? -1 : 1;
}
