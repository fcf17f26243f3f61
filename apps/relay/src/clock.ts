/** Milliseconds since 1970. */
export type Clock = () => number;

/** So many bytes from a cryptographic source. */
export type Random = (length: number) => Uint8Array;
