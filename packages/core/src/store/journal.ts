import { createOverlay, decodeBatch, encodeBatch, type Overlay, type PlainWrite } from './plain-write.ts';
import type { LockSlots, RecordKey, RecordRange, RecordStore, RecordWrite } from './record-store.ts';
import { SealedRecordError } from './sealed-record.ts';

/** Steps up to this many bytes are journalled, fifty messages among them; larger ones are written record by record. */
const SMALL = 16 * 1024;
/** Entries, and bytes in them, after which the journal is folded into the records. */
const LONGEST = 32;
const LARGEST = 256 * 1024;
const JOURNAL = 'journal';
const WHOLE: RecordRange = { from: [JOURNAL], to: [`${JOURNAL}\u0000`] };

/** Seals and opens bytes under the key of their record. */
export interface Sealer {
  seal(key: RecordKey, plain: Uint8Array): Promise<Uint8Array>;
  open(key: RecordKey, sealed: Uint8Array): Promise<Uint8Array>;
}

/**
 * Small steps go to disk as one record each, because in IndexedDB a second record costs a third of the first. What they
 * wrote lies over the records in memory until it is folded into them, in one transaction that also deletes the journal:
 * after some steps, with the next large one, and when nothing happens.
 */
export interface Journal {
  /** What was journalled and not folded: reads look here first. */
  readonly overlay: Overlay;
  /** One transaction. When it fails, nothing of it is on disk or in the overlay. */
  land(writes: readonly PlainWrite[]): Promise<void>;
  /** `root`: takes the place of the store's root key in the same transaction. */
  fold(writes: readonly PlainWrite[], root?: CryptoKey | LockSlots): Promise<void>;
  /** Its records are gone from the disk, and what lay in them is in others. */
  forget(): void;
}

/** Takes up what an earlier run left. Throws SealedRecordError when an entry is altered or missing. */
export async function openJournal(records: RecordStore, sealer: Sealer): Promise<Journal> {
  const overlay = createOverlay();
  const left = await records.range(WHOLE);
  let entries = left.map(({ key }) => key);
  requireWhole(entries);
  for (const { key, value } of left) overlay.put(decodeBatch(key, await sealer.open(key, value)));
  let next = numberOf(entries.at(-1)) + 1;
  let size = sizeOf(overlay.all());

  const sealWrite = async ({ key, plain }: PlainWrite): Promise<RecordWrite> => ({
    key,
    value: plain === undefined ? undefined : await sealer.seal(key, plain),
  });

  async function append(writes: readonly PlainWrite[]): Promise<void> {
    const key: RecordKey = [JOURNAL, next];
    await records.commit([{ key, value: await sealer.seal(key, encodeBatch(writes)) }]);
    next += 1;
    entries.push(key);
    size += sizeOf(writes);
    overlay.put(writes);
  }

  function forget(): void {
    entries = [];
    size = 0;
    overlay.clear();
  }

  async function fold(writes: readonly PlainWrite[], root?: CryptoKey | LockSlots): Promise<void> {
    const last = createOverlay();
    last.put(overlay.all());
    last.put(writes);
    const folded = await Promise.all(last.all().map(sealWrite));
    await records.commit([{ erased: WHOLE }, ...folded], root);
    forget();
  }

  function hasRoom(writes: readonly PlainWrite[]): boolean {
    const more = sizeOf(writes);
    return more <= SMALL && size + more <= LARGEST && entries.length < LONGEST;
  }

  return {
    overlay,
    land: (writes) => (hasRoom(writes) ? append(writes) : fold(writes)),
    fold,
    forget,
  };
}

export function isJournalKey(key: RecordKey): boolean {
  return key[0] === JOURNAL;
}

/** An entry taken out of the middle would undo a step that others build on. */
function requireWhole(entries: readonly RecordKey[]): void {
  entries.forEach((key, at) => {
    if (numberOf(key) !== numberOf(entries[0]) + at) throw new SealedRecordError('malformed', JOURNAL);
  });
}

function numberOf(key: RecordKey | undefined): number {
  return typeof key?.[1] === 'number' ? key[1] : 0;
}

function sizeOf(writes: readonly PlainWrite[]): number {
  return writes.reduce((size, { plain }) => size + (plain?.length ?? 0), 0);
}
