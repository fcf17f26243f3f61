/** How tabs of one browser profile find one another. Drivers: Web Locks and BroadcastChannel, memory. */

/** The right to run the engine: at most one holder that knows of itself. */
export interface EngineLock {
  /**
   * Waits in line until the lock is free, or takes it from its holder at once when `steal`. `onLost` is called when
   * somebody else stole it. Rejects when `signal` aborts the waiting.
   */
  take(options: {
    readonly steal: boolean;
    readonly onLost: () => void;
    readonly signal?: AbortSignal | undefined;
  }): Promise<HeldLock>;
}

export interface HeldLock {
  /** Gives it to the next in line. A tab that dies releases it too. */
  release(): void;
}

/** To all other tabs, never to oneself; in order, structurally cloned. What arrives is parsed: any script of this origin could have sent it. */
export interface TabChannel {
  post(message: unknown): void;
  onMessage(handler: (message: unknown) => void): void;
  close(): void;
}
