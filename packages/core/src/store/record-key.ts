import type { RecordKey } from './record-store.ts';

/** Order of IndexedDB array keys: part by part, numbers before texts, a prefix first (Indexed Database API §2.4). */
export function compareKeys(a: RecordKey, b: RecordKey): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = compareParts(a[i] ?? 0, b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Whether every part may stand in a key. Numbers are finite: NaN is no key at all. */
export function isRecordKey(key: readonly unknown[]): key is RecordKey {
  if (typeof key[0] !== 'string') return false;
  return key.every((part) => typeof part === 'string' || (typeof part === 'number' && Number.isFinite(part)));
}

/** The one text of a key: injective, so that bytes sealed under one key open under no other. */
export function canonicalKey(key: RecordKey): string {
  if (!isRecordKey(key)) throw new TypeError('not a record key');
  return JSON.stringify(key);
}

function compareParts(a: string | number, b: string | number): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
