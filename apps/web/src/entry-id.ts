const BYTES = 16;

/** Hex of 16 random bytes: the entry id of protocol/ids. */
export function newEntryId(random: Pick<Crypto, 'getRandomValues'>): string {
  return Array.from(random.getRandomValues(new Uint8Array(BYTES)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
