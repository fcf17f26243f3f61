import { performance } from 'node:perf_hooks';
import type { Log } from '../log.ts';
import type { Metrics } from './metrics.ts';

/** Nothing was refused for so long, and entries were taken: there is room again. At the edge some fit, and some do not. */
const CALM_MS = 30_000;

/**
 * The same metrics, which tell the log of a full disk: a line when the first request is refused for it, and one when there
 * is room again, however many requests there are. `now`: milliseconds that never go back.
 */
export function reportFullStore(
  metrics: Metrics,
  log: Pick<Log, 'error' | 'warn'>,
  now: () => number = () => performance.now(),
): Metrics {
  let isFull = false;
  let lastRefusal = 0;
  return {
    ...metrics,
    refused(via, code) {
      metrics.refused(via, code);
      if (code !== 'storage_full') return;
      lastRefusal = now();
      if (!isFull) log.error({ code }, 'no space left: the relay only reads until there is room');
      isFull = true;
    },
    appended(kind) {
      metrics.appended(kind);
      if (!isFull || now() - lastRefusal < CALM_MS) return;
      isFull = false;
      log.warn({}, 'there is room again');
    },
  };
}
