import type { Load } from './load.ts';
import type { Reader } from './reader.ts';
import type { Told } from './writer.ts';

/** Where kills struck: how many of them left something on its way. All of it was made good, or the checker says so. */
export interface Traces {
  /** Between store and ack: an entry was stored, and who sent it was not told. */
  readonly killsBeforeAck: number;
  /** Between ack and fan-out: who sent an entry was told, and a reader had not got it. */
  readonly killsBeforeDelivery: number;
}

/** `kills`: when, in milliseconds since 1970, by the one clock of all; in order. */
export function traceKills(
  { ledger, readers }: Pick<Load, 'ledger' | 'readers'>,
  kills: readonly number[],
): Traces {
  return {
    killsBeforeAck: countKills(kills, findStored(ledger.told)),
    killsBeforeDelivery: countKills(
      kills,
      readers.flatMap((reader) => findMissed(ledger.told, reader)),
    ),
  };
}

/** When acks were lost of what stood there: stored by a retry, it would have a later time than that. */
function findStored(told: readonly Told[]): number[] {
  return told.flatMap(({ lostAt, time }) => (lostAt !== undefined && time < lostAt ? [lostAt] : []));
}

/** When a reader's connection went, and it had not got what somebody was told. */
function findMissed(told: readonly Told[], { losses }: Reader): number[] {
  let seen = 0;
  let newest = 0;
  return losses.flatMap(({ at, had }) => {
    for (let one = told[seen]; one !== undefined && one.toldAt <= at; one = told[seen]) {
      newest = Math.max(newest, one.seq);
      seen += 1;
    }
    return newest > had ? [at] : [];
  });
}

/** What goes so soon after a kill went by it. */
const SOON_MS = 500;

/** Kills with a loss between them and the next. */
function countKills(kills: readonly number[], losses: readonly number[]): number {
  const isBy = (at: number, n: number) => {
    const [kill = 0, next = Number.POSITIVE_INFINITY] = [kills[n], kills[n + 1]];
    return at >= kill && at < Math.min(next, kill + SOON_MS);
  };
  return kills.filter((_, n) => losses.some((at) => isBy(at, n))).length;
}
