import type { RecordKey, RecordRange } from './record-store.ts';

/**
 * How a collection is declared: its name, the parts of its keys, the shape of its values (anything CBOR holds: plain
 * objects, arrays, texts, numbers, booleans, null, byte strings; undefined members are not written).
 *
 * Advice, from measurements in Chromium with strict durability on two cores: a transaction of one record takes 1.2 ms,
 * of four 1.9 ms, of fifty about 5 ms; a call of WebCrypto 0.02 ms. So a small step is one journal record, whatever it
 * writes (see journal.ts: 1.2 to 1.4 ms against 1.5 to 2.3 ms for a message and three records of state), and a large step should not
 * write fifty: what is written together goes in one record. Messages go in chunks, one record per step (chunks.ts), and
 * state that changes with every message (cursor, transcript, counters) in one record of its log. Steps need not be
 * awaited one by one: those that wait share a transaction, and of their state only the last is written.
 */
export interface Collection<Parts extends readonly (string | number)[], Value> {
  readonly name: string;
  key(...parts: Parts): ValueKey<Value>;
  put(parts: Parts, value: Value): SealedWrite;
  remove(...parts: Parts): SealedWrite;
  /** Keys that begin with `prefix`; `from` (inclusive) and `to` (exclusive) bound the part that follows it. */
  range(prefix: readonly (string | number)[], bounds?: RangeBounds): ValueRange<Value>;
}

interface RangeBounds {
  readonly from?: string | number | undefined;
  readonly to?: string | number | undefined;
  readonly limit?: number | undefined;
  readonly reverse?: boolean | undefined;
}

/** A key that remembers what is stored there. */
export interface ValueKey<Value> {
  readonly key: RecordKey;
  /** Only for the compiler. */
  readonly value?: Value;
}

export interface ValueRange<Value> {
  readonly range: RecordRange;
  /** Only for the compiler. */
  readonly value?: Value;
}

/** `value: undefined` deletes. */
export interface SealedWrite {
  readonly key: RecordKey;
  readonly value: unknown;
}

export function collection<Parts extends readonly (string | number)[], Value>(
  name: string,
): Collection<Parts, Value> {
  return {
    name,
    key: (...parts) => ({ key: [name, ...parts] }),
    put: (parts, value) => ({ key: [name, ...parts], value }),
    remove: (...parts) => ({ key: [name, ...parts], value: undefined }),
    range: (prefix, bounds = {}) => ({ range: boundsOf([name, ...prefix], bounds) }),
  };
}

function boundsOf(prefix: RecordKey, bounds: RangeBounds): RecordRange {
  const from: RecordKey = bounds.from === undefined ? prefix : [...prefix, bounds.from];
  const to: RecordKey = bounds.to === undefined ? afterAll(prefix) : [...prefix, bounds.to];
  return { from, to, limit: bounds.limit, reverse: bounds.reverse };
}

/** The first key after all that begin with `prefix`: no text sorts between a text and itself with a zero added. */
function afterAll(prefix: RecordKey): RecordKey {
  const [first, ...rest] = prefix;
  const last = rest.pop();
  if (last === undefined) return [`${first}\u0000`];
  return [first, ...rest, typeof last === 'string' ? `${last}\u0000` : nextNumber(last)];
}

/** The next double above `value`. */
function nextNumber(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value === 0 ? 0 : value);
  const bits = view.getBigInt64(0);
  if (value < 0) view.setBigInt64(0, bits - 1n);
  else view.setBigInt64(0, bits + 1n);
  return view.getFloat64(0);
}
