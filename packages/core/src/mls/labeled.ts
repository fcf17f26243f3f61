import type { Kdf } from 'ts-mls';
import { concatBytes } from './bytes.ts';

const VERSION = new TextEncoder().encode('HPKE-v1');

/** RFC 9180 §4: LabeledExtract. */
export function labeledExtract(
  kdf: Kdf,
  suite: Uint8Array,
  salt: Uint8Array,
  label: string,
  ikm: Uint8Array,
): Promise<Uint8Array> {
  return kdf.extract(salt, concatBytes(VERSION, suite, new TextEncoder().encode(label), ikm));
}

/** RFC 9180 §4: LabeledExpand. */
export function labeledExpand(
  kdf: Kdf,
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Promise<Uint8Array> {
  const head = Uint8Array.of(length >> 8, length & 0xff);
  return kdf.expand(prk, concatBytes(head, VERSION, suite, new TextEncoder().encode(label), info), length);
}
