import { LIMITS, type LogId } from '@sotto/protocol';
import { bytesKey, type FanOut, type FollowedEpoch, type Follower } from './fan-out.ts';
import type { Peer } from './session.ts';

/** The logs that one connection follows, each in one epoch. */
export interface Subscriptions {
  /**
   * Follows a log while an epoch lasts, in place of what was followed of it before. Nothing is sent until the follower's
   * `waiting` is set to false. Undefined when the connection follows too many.
   */
  start(what: FollowedEpoch): Follower | undefined;
  /** With `only`: unless the connection has subscribed anew since. */
  stop(log: LogId, only?: Follower): void;
  close(): void;
}

export function createSubscriptions(fanOut: FanOut, peer: Peer): Subscriptions {
  const followed = new Map<string, { what: FollowedEpoch; follower: Follower }>();
  const stop: Subscriptions['stop'] = (log, only) => {
    const key = bytesKey(log);
    const held = followed.get(key);
    if (held === undefined || (only !== undefined && held.follower !== only)) return;
    followed.delete(key);
    fanOut.unfollow(held.what, held.follower);
  };
  return {
    stop,
    start(what) {
      stop(what.log);
      if (followed.size >= LIMITS.subscriptions) return undefined;
      const follower: Follower = { peer, waiting: true, missed: false, ended: false, told: 0 };
      followed.set(bytesKey(what.log), { what, follower });
      fanOut.follow(what, follower);
      return follower;
    },
    close() {
      for (const { what } of [...followed.values()]) stop(what.log);
    },
  };
}
