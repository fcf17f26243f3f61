/** One row of a dump: where it begins, its bytes in hex, and as ASCII with a dot for what cannot be printed. */
export interface DumpRow {
  readonly offset: string;
  readonly hex: string;
  readonly ascii: string;
}

/** The first `limit` bytes in rows of `width`. */
export function dumpRows(bytes: Uint8Array, width: number, limit: number): readonly DumpRow[] {
  const rows: DumpRow[] = [];
  for (let start = 0; start < Math.min(bytes.length, limit); start += width) {
    const row = bytes.subarray(start, Math.min(start + width, limit));
    rows.push({
      offset: start.toString(16).padStart(4, '0'),
      hex: Array.from(row, (byte) => byte.toString(16).padStart(2, '0')).join(' '),
      ascii: Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join(
        '',
      ),
    });
  }
  return rows;
}
