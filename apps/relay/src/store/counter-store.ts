export interface Count {
  readonly count: number;
  /** When it last grew, and when it is forgotten: milliseconds since 1970. */
  readonly lastAt: number;
  readonly forgottenAt: number;
}

/**
 * Counts by key, each forgotten after its window: what limits rest on. Keys hold what strangers choose, so they are bounded in
 * length by the caller and in number by the driver. Shared by all nodes where the driver is. A driver that cannot reach its
 * server counts in this process, with `strict` limits, and says so once.
 */
export interface CounterStore {
  read(key: string, now: number): Promise<Count>;
  /** Adds one. A fixed window ends `seconds` after its first addition, a sliding one after its last. */
  add(key: string, seconds: number, now: number, window?: 'fixed' | 'sliding'): Promise<Count>;
  /** Takes one back, never below nothing. */
  takeBack(key: string): Promise<void>;
  forget(key: string): Promise<void>;
  sweep(now: number): Promise<void>;
}
