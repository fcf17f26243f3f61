import { LIMITS, type LogId } from '@sotto/protocol';
import { bytesKey, type FanOut, type Follower } from './fan-out.ts';
import type { Peer } from './session.ts';

/** The logs that one connection follows, each in one epoch. */
export interface Subscriptions {
  /**
   * Follows a log while `epoch` lasts, in place of what was followed of it before. Nothing is sent until the follower's
   * `waiting` is set to false. Undefined when the connection follows too many.
   */
  start(log: LogId, epoch: number): Follower | undefined;
  stop(log: LogId): void;
  close(): void;
}

export function createSubscriptions(fanOut: FanOut, peer: Peer): Subscriptions {
  const followed = new Map<string, { log: LogId; epoch: number; follower: Follower }>();
  const stop = (log: LogId): void => {
    const key = bytesKey(log);
    const held = followed.get(key);
    if (held === undefined) return;
    followed.delete(key);
    fanOut.unfollow(log, held.epoch, held.follower);
  };
  return {
    stop,
    start(log, epoch) {
      stop(log);
      if (followed.size >= LIMITS.subscriptions) return undefined;
      const follower: Follower = { peer, waiting: true, missed: false, told: 0 };
      followed.set(bytesKey(log), { log, epoch, follower });
      fanOut.follow(log, epoch, follower);
      return follower;
    },
    close() {
      for (const { log } of [...followed.values()]) stop(log);
    },
  };
}
