import {
  type AccountId,
  type DeviceId,
  encodeHex,
  LIMITS,
  type NoticeName,
  type NoticeOf,
} from '@sotto/protocol';
import { isCurrentDeviceOf, listCurrentDevices, readChain } from '../auth/own-chain.ts';
import type { RateLimiter } from '../auth/rate-limiter.ts';
import type { Quotas } from '../quotas.ts';
import { refuse } from '../refuse.ts';
import type { ChainStore } from '../store/chain-store.ts';
import type { KeyPackageStore } from '../store/key-package-store.ts';
import { type Handlers, succeed } from './handlers.ts';

/** Tells the live sockets of one device, if it has any. */
type NotifyDevice = <N extends NoticeName>(
  account: AccountId,
  device: DeviceId,
  name: N,
  notice: NoticeOf<N>,
) => void;

export interface KeyPackageDeps {
  readonly chains: ChainStore;
  readonly keyPackages: KeyPackageStore;
  readonly limiter: RateLimiter;
  readonly quotas: Quotas;
  readonly notifyDevice: NotifyDevice;
}

type KeyPackageHandlers = Pick<Handlers, 'publishKeyPackages' | 'countKeyPackages' | 'claimKeyPackages'>;

const HOUR = 3600;

export function createKeyPackageHandlers(deps: KeyPackageDeps): KeyPackageHandlers {
  const { chains, keyPackages, limiter, quotas, notifyDevice } = deps;
  return {
    async publishKeyPackages({ body, caller }) {
      if (!(await isCurrentDeviceOf(chains, caller.account, caller.device))) return refuse('device_unknown');
      const wait = await limiter.take(`write ${encodeHex(caller.account)}`, quotas.writesPerHour, HOUR);
      if (wait !== undefined) return refuse('rate_limited', wait);
      const { oneTime, lastResort, replace } = body;
      const { account, device } = caller;
      const published = await keyPackages.publish({ account, device, oneTime, lastResort, replace });
      if (published === 'full') return refuse('quota_exceeded');
      const { left } = await keyPackages.count(account, device);
      return succeed({ left });
    },
    async countKeyPackages({ caller }) {
      return succeed(await keyPackages.count(caller.account, caller.device));
    },
    async claimKeyPackages({ body: { account }, caller }) {
      const pair = `claim ${encodeHex(caller.account)} ${encodeHex(account)}`;
      const wait = await limiter.take(pair, LIMITS.claimsPerHour, HOUR);
      if (wait !== undefined) return refuse('rate_limited', wait);
      // An account that is not there, or ended, has no devices: the same answer as of one whose devices left none.
      const chain = await readChain(chains, account);
      const devices = chain === undefined ? [] : listCurrentDevices(chain).slice(0, MOST_DEVICES);
      const claimed = await keyPackages.claim(account, devices);
      for (const { device, left } of claimed) {
        if (left < LIMITS.keyPackagesLow) notifyDevice(account, device, 'keys:low', { left });
      }
      return succeed({
        packages: claimed.map(({ device, keyPackage, lastResort }) => ({ device, keyPackage, lastResort })),
      });
    },
  };
}

/** As many as one answer of the protocol holds. */
const MOST_DEVICES = 256;
