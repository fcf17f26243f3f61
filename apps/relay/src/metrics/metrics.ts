import { performance } from 'node:perf_hooks';
import type { ErrorCode } from '@sotto/protocol';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * What a relay counts for who runs it. Nothing here names anybody: the only labels are words of this source (operations,
 * routes, codes), never an account, a log, an address or anything else that a client chose.
 */
export interface Metrics {
  /** A request, over HTTP or a live connection, was not granted. */
  refused(via: 'http' | 'socket', code: ErrorCode): void;
  appended(kind: 'message' | 'commit'): void;
  /** So many entries became durable together. */
  stored(entries: number): void;
  storeAnswered(operation: StoreOperation, seconds: number): void;
  /** A frame of entries left for so many readers, so long after the oldest of them was taken. */
  delivered(readers: number, lagSeconds: number): void;
  /** Entries that other nodes wrote were read, to be delivered here. */
  readOn(entries: number): void;
  hinted(direction: 'told' | 'heard'): void;
  signedIn(outcome: ErrorCode | 'signed_in' | 'factor_asked'): void;
  mailQueued(): void;
  /** `route`: its pattern. */
  answered(route: string, status: number, seconds: number): void;
  /** What is looked up when somebody asks. */
  watch(now: WatchedNow): void;
  /** All of it, as Prometheus reads it. */
  render(): Promise<{ readonly type: string; readonly text: string }>;
}

export type StoreOperation =
  | 'create'
  | 'message'
  | 'commit'
  | 'read'
  | 'inbox_append'
  | 'inbox_read'
  | 'inbox_trim';

interface WatchedNow {
  readonly connections: () => number;
  /** Whether this node hears at once of what others write. */
  readonly hears: () => boolean;
}

const STORE_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const LAG_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const HTTP_SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10];
const BATCH_ENTRIES = [1, 2, 5, 10, 25, 50, 100, 250, 1000, 4000];

/** A registry of its own: relays in one process do not count together. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name, help, labelNames, registers });
  const histogram = <L extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly L[] = [],
  ) => new Histogram<L>({ name, help, buckets, labelNames, registers });

  const refusals = counter('sotto_refusals_total', 'Requests not granted.', ['via', 'code']);
  const appends = counter('sotto_appends_total', 'Entries that became durable.', ['kind']);
  const batches = histogram('sotto_batch_entries', 'Entries that became durable together.', BATCH_ENTRIES);
  const store = histogram('sotto_store_seconds', 'Time until the store answered.', STORE_SECONDS, [
    'operation',
  ]);
  const frames = counter('sotto_frames_total', 'Frames of entries, each encoded once.');
  const deliveries = counter('sotto_deliveries_total', 'Frames sent, to all their readers together.');
  const lag = histogram('sotto_delivery_lag_seconds', 'From taking an entry to sending it on.', LAG_SECONDS);
  const read = counter('sotto_entries_read_total', 'Entries of other nodes, read to be delivered here.');
  const hints = counter('sotto_hints_total', 'Hints between nodes.', ['direction']);
  const signIns = counter('sotto_sign_ins_total', 'Attempts to sign in that came to an end.', ['outcome']);
  const mails = counter('sotto_mails_queued_total', 'Mails put in the queue.');
  const http = histogram('sotto_http_seconds', 'Time to answer.', HTTP_SECONDS, ['route', 'status']);
  const watch = watchProcess(registers);

  // Bound once: finding a label's place costs more than counting.
  const byOperation = bind((operation: StoreOperation) => store.labels(operation));
  const byKind = bind((kind: 'message' | 'commit') => appends.labels(kind));
  const byDirection = bind((direction: 'told' | 'heard') => hints.labels(direction));

  return {
    watch,
    refused: (via, code) => refusals.inc({ via, code }),
    appended: (kind) => byKind(kind).inc(),
    stored: (entries) => batches.observe(entries),
    storeAnswered: (operation, seconds) => byOperation(operation).observe(seconds),
    delivered(readers, lagSeconds) {
      frames.inc();
      deliveries.inc(readers);
      // Clocks of nodes differ: what comes before it was sent came at once.
      lag.observe(Math.max(0, lagSeconds));
    },
    readOn: (entries) => read.inc(entries),
    hinted: (direction) => byDirection(direction).inc(),
    signedIn: (outcome) => signIns.inc({ outcome }),
    mailQueued: () => mails.inc(),
    answered: (route, status, seconds) =>
      http.observe({ route, status: `${Math.floor(status / 100)}xx` }, seconds),
    render: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}

function bind<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) {
      value = make(key);
      made.set(key, value);
    }
    return value;
  };
}

/** Values of this moment. */
function watchProcess(registers: Registry[]): Metrics['watch'] {
  let now: WatchedNow = { connections: () => 0, hears: () => true };
  let busyBefore = performance.eventLoopUtilization();
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('sotto_connections', 'Live connections.', () => now.connections());
  gauge('sotto_hears_nodes', '1: hears at once of what other nodes write. 0: finds it by reading.', () =>
    now.hears() ? 1 : 0,
  );
  gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
  gauge(
    'sotto_event_loop_busy_ratio',
    'Part of the time since it was last asked that the process was busy.',
    () => {
      const busy = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(busy, busyBefore);
      busyBefore = busy;
      return utilization;
    },
  );
  let cpuBefore = 0;
  const cpu: Counter = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Time of processors that the process has used.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      const seconds = (user + system) / 1e6;
      cpu.inc(seconds - cpuBefore);
      cpuBefore = seconds;
    },
  });
  return (watched) => {
    now = watched;
  };
}
