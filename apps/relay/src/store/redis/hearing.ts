/**
 * Whether this node hears what is published over Redis now. It sends itself echoes on the connection on which it hears: what
 * was published before an echo was heard before it. Pub/sub keeps order within a connection, and nothing across a new one.
 */
export interface Hearing {
  /** The connection on which it hears is gone. */
  breakOff(): void;
  /** The text of an echo: when it was sent. */
  callOut(): string;
  /** An echo came back, with the text that `callOut` gave it. */
  hear(echo: string): void;
  isFresh(): boolean;
}

/** An echo older than this says nothing about now. */
const ECHO_GOOD_MS = 800;

/** `onRestored` is called with the first echo after a break: what was published meanwhile went unheard. */
export function createHearing(onRestored: () => void): Hearing {
  let lastHeard = Number.NEGATIVE_INFINITY;
  let brokeAt = Number.NEGATIVE_INFINITY;
  let broken = false;
  return {
    breakOff() {
      broken = true;
      brokeAt = performance.now();
      lastHeard = Number.NEGATIVE_INFINITY;
    },
    callOut: () => String(performance.now()),
    hear(echo) {
      const sentAt = Number(echo);
      // One that was under way while the connection broke came on the connection that is gone.
      if (!(sentAt > brokeAt)) return;
      if (broken) onRestored();
      broken = false;
      lastHeard = sentAt;
    },
    isFresh: () => performance.now() - lastHeard < ECHO_GOOD_MS,
  };
}
