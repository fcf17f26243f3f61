import type { EpochState } from '../log-rules.ts';
import type { MongoDatabase } from './database.ts';
import { findEpoch } from './log-table.ts';

/** Epochs of logs, kept in memory: what opened an epoch never changes, and neither does what ended it. */
export interface LogEpochs {
  /** The state of an epoch in a log whose head stands in `headEpoch`; undefined for one to come. */
  find(log: Uint8Array, epoch: number, headEpoch: number): Promise<EpochState | undefined>;
}

const KEPT_LOGS = 20_000;
const KEPT_EPOCHS = 16;

export function createLogEpochs(db: MongoDatabase): LogEpochs {
  const byLog = new Map<string, Map<number, EpochState>>();
  return {
    async find(log, epoch, headEpoch) {
      if (epoch > headEpoch) return undefined;
      const name = Buffer.from(log).toString('latin1');
      const known = byLog.get(name)?.get(epoch);
      if (known !== undefined && (known.endedAt !== undefined || epoch === headEpoch)) return known;
      const found = await findEpoch(db, log, epoch);
      if (found !== undefined)
        keep(byLog, name, KEPT_LOGS, keep(byLog.get(name) ?? new Map(), epoch, KEPT_EPOCHS, found));
      return found;
    },
  };
}

/** Sets a value; the one that was set longest ago goes when there are too many. */
function keep<K, V>(map: Map<K, V>, key: K, most: number, value: V): Map<K, V> {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
  return map;
}
