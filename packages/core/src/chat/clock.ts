/** Time as a port, so that a simulation can own it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once, `ms` from now; returns the way to cancel. A callback never runs inside `after` itself. */
  after(ms: number, callback: () => void): () => void;
}

/** `length` bytes from a cryptographically secure source. */
export type Random = (length: number) => Uint8Array<ArrayBuffer>;

/** A number from 0 (inclusive) to 1 (exclusive), 32 bits fine: for jitter. */
export function randomFraction(random: Random): number {
  const bytes = random(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}
