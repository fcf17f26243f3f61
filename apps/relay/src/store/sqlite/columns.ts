import type { Row } from './database.ts';

/** Column values by the type the schema promises. Throws when the file holds something else. */
export function readBlob(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} is not a blob`);
  return value;
}

export function readText(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} is not a text`);
  return value;
}

export function readInteger(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`column ${column} is not an integer`);
  return value;
}

/** Undefined for NULL. */
export function readBlobOrNone(row: Row, column: string): Uint8Array | undefined {
  return row[column] === null ? undefined : readBlob(row, column);
}
