import { encodeHex } from '@sotto/protocol';
import type { Quotas } from '../quotas.ts';
import { siteOf } from './network.ts';
import { takeOfNetwork } from './network-limit.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { RelayKeys } from './relay-keys.ts';

/** How much mail strangers can make this relay send. Seconds to wait, or undefined: then it is counted. */
export interface MailLimits {
  /** Of one network, and of everybody: the same whoever is written to. */
  fromNetwork(address: string): Promise<number | undefined>;
  /**
   * To one mailbox, which `mailbox` names in any way. So that no flood keeps an owner's own mail away, the first mail in an hour
   * that a network asks for is held back only far above the limit.
   */
  toMailbox(mailbox: string, address: string): Promise<number | undefined>;
}

const HOUR = 3600;
/** Times the limit of one network, to one mailbox from everywhere. */
const EVERYWHERE = 4;
const FIRST_OF_A_NETWORK = 20;

export function createMailLimits(limiter: RateLimiter, quotas: Quotas, keys: RelayKeys): MailLimits {
  // Addresses do not stand in the store, not even there.
  const nameOf = (text: string) =>
    encodeHex(keys.mac('mail limit', new TextEncoder().encode(text)).subarray(0, 16));
  return {
    async fromNetwork(address) {
      const asked = { what: 'mail from', address, limit: quotas.mailsPerNetwork, seconds: HOUR };
      return (await takeOfNetwork(limiter, asked)) ?? (await limiter.take('mail', quotas.mailsPerHour, HOUR));
    },
    async toMailbox(mailbox, address) {
      const key = `mail to ${nameOf(mailbox)}`;
      const pair = `${key} ${siteOf(address)}`;
      const first = (await limiter.waitOf(pair, 1)) === undefined;
      const most = quotas.mailsPerMailbox * (first ? FIRST_OF_A_NETWORK : EVERYWHERE);
      return (
        (await limiter.take(pair, quotas.mailsPerMailbox, HOUR)) ?? (await limiter.take(key, most, HOUR))
      );
    },
  };
}
