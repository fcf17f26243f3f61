export interface Count {
  readonly count: number;
  /** When it last grew, and when it is forgotten: milliseconds since 1970. */
  readonly lastAt: number;
  readonly forgottenAt: number;
}

/**
 * Counts by key, each forgotten after its window: what limits rest on. Keys hold what strangers choose, so they are bounded in
 * length by the caller and in number by the driver. Shared by all nodes where the driver is. Redis' counts in this process while
 * it cannot reach its server, and answers about three times as much, so that limits get stricter by themselves; others reject
 * with `StoreError`.
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
