/** How long after a touch of wheel, screen or keys the log's movement is still the person's, in milliseconds. */
const AFTERGLOW = 1500;

/** Whether a person is scrolling, or the log moves by itself: lines measured, a message that came. */
export interface Hand {
  isOnLog(): boolean;
  /** Listens until the answer is called. Keys count wherever they are pressed: Page Up reaches the log from anywhere. */
  watch(log: HTMLElement): () => void;
}

export function createHand(now: () => number): Hand {
  let last = Number.NEGATIVE_INFINITY;
  let isPressed = false;
  const touch = () => {
    last = now();
  };
  const press = () => {
    // A scroll bar can be held for long before it is moved.
    isPressed = true;
    touch();
  };
  const release = () => {
    if (isPressed) touch();
    isPressed = false;
  };
  return {
    isOnLog: () => isPressed || now() - last < AFTERGLOW,
    watch(log) {
      const ways = [
        [log, 'wheel', touch],
        [log, 'touchmove', touch],
        [log, 'pointerdown', press],
        [window, 'pointerup', release],
        [window, 'pointercancel', release],
        [window, 'keydown', touch],
      ] as const;
      for (const [target, name, listener] of ways) target.addEventListener(name, listener, { passive: true });
      return () => {
        for (const [target, name, listener] of ways) target.removeEventListener(name, listener);
      };
    },
  };
}
