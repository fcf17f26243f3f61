import { type RecordKey, type RecordStore, StoreError } from '../../src/store/record-store.ts';

/**
 * What every driver of RecordStore does. Written without a test runner, because the same steps also run inside a real
 * browser. `disk` is empty at first; opening it again is what a restart or another tab does.
 */
export interface ContractDisk {
  open(): Promise<RecordStore>;
}

export interface ContractCase {
  readonly name: string;
  run(disk: ContractDisk): Promise<void>;
}

const bytes = (...values: number[]) => Uint8Array.from(values);

export const RECORD_STORE_CONTRACT: readonly ContractCase[] = [
  {
    name: '[VAULT1] answers values in the order of the keys, undefined where there is none',
    async run(disk) {
      const store = await disk.open();
      await store.commit([put(['a', 1], 1), put(['a', 2], 2)]);
      const found = await store.get([
        ['a', 2],
        ['b', 1],
        ['a', 1],
      ]);
      same(found, [bytes(2), undefined, bytes(1)]);
      same(await store.get([]), []);
    },
  },
  {
    name: '[VAULT1] keeps what was committed across a restart, the root key too',
    async run(disk) {
      const before = await disk.open();
      await before.commit([put(['a', 'text'], 7)]);
      const fingerprint = await derive(await keyOf(before));
      await before.close();
      const after = await disk.open();
      same(await after.get([['a', 'text']]), [bytes(7)]);
      same(await derive(await keyOf(after)), fingerprint);
    },
  },
  {
    name: '[VAULT2] ranges over keys in IndexedDB order, both ways, with a limit',
    async run(disk) {
      const store = await disk.open();
      const keys: RecordKey[] = [
        ['m', 'x'],
        ['m', 10],
        ['m', 2, 'z'],
        ['m', 2],
        ['l', 99],
        ['n'],
        ['m', 'x', 1],
        ['m'],
      ];
      await store.commit(keys.map((key, at) => put(key, at)));
      const ordered: RecordKey[] = [['m'], ['m', 2], ['m', 2, 'z'], ['m', 10], ['m', 'x'], ['m', 'x', 1]];
      const whole = { from: ['m'], to: ['n'] } as const;
      same(keysOf(await store.range(whole)), ordered);
      same(keysOf(await store.range({ ...whole, reverse: true })), ordered.toReversed());
      same(keysOf(await store.range({ ...whole, limit: 2 })), ordered.slice(0, 2));
      same(
        keysOf(await store.range({ ...whole, limit: 2, reverse: true })),
        ordered.toReversed().slice(0, 2),
      );
      same(keysOf(await store.range({ from: ['m', 2], to: ['m', 10] })), [
        ['m', 2],
        ['m', 2, 'z'],
      ]);
      same(await store.range({ ...whole, limit: 0 }), []);
      same(await store.range({ from: ['m', 2], to: ['m', 2] }), []);
      same(await store.range({ from: ['n'], to: ['m'], reverse: true }), []);
      same((await store.range({ from: ['l'], to: ['m'] }))[0]?.value, bytes(4));
    },
  },
  {
    name: '[VAULT3] the last write of a key in a commit wins, and undefined deletes',
    async run(disk) {
      const store = await disk.open();
      await store.commit([put(['a'], 1), put(['b'], 1)]);
      await store.commit([put(['a'], 2), put(['a'], 3), { key: ['b'], value: undefined }]);
      same(await store.get([['a'], ['b']]), [bytes(3), undefined]);
      await store.commit([]);
    },
  },
  {
    name: '[VAULT3] a commit erases a range of what was there and of what it wrote before, and nothing around it',
    async run(disk) {
      const store = await disk.open();
      const b = { erased: { from: ['b'], to: ['c'] } } as const;
      await store.commit([put(['a', 9], 1), put(['b', 1], 2), put(['b', 2, 'x'], 3), put(['c'], 4)]);
      await store.commit([put(['b', 3], 7), b, put(['b', 1], 5)]);
      same(await store.range({ from: ['a'], to: ['d'] }), [
        { key: ['a', 9], value: bytes(1) },
        { key: ['b', 1], value: bytes(5) },
        { key: ['c'], value: bytes(4) },
      ]);
      await store.commit([{ erased: { from: ['c'], to: ['c'] } }, { erased: { from: ['z'], to: ['c'] } }]);
      await disk.open();
      await refuses('fenced', () => store.commit([{ erased: { from: ['a'], to: ['z'] } }]));
      same(await store.get([['c']]), [bytes(4)]);
    },
  },
  {
    name: '[VAULT4] stores the bytes of a view and not the buffer around it',
    async run(disk) {
      const store = await disk.open();
      const buffer = bytes(1, 2, 3, 4, 5);
      await store.commit([{ key: ['v'], value: buffer.subarray(1, 3) }]);
      const [value] = await store.get([['v']]);
      same(value, bytes(2, 3));
      same(value?.buffer.byteLength, 2);
    },
  },
  {
    name: '[VAULT5] an engine whose generation was superseded cannot write any more, and nothing of its commit lands',
    async run(disk) {
      const old = await disk.open();
      await old.commit([put(['a'], 1)]);
      const next = await disk.open();
      await refuses('fenced', () => old.commit([put(['a'], 2), put(['b'], 2)]));
      same(await next.get([['a'], ['b']]), [bytes(1), undefined]);
      await next.commit([put(['a'], 3)]);
      same(await next.get([['a']]), [bytes(3)]);
    },
  },
  {
    name: '[VAULT6] a wipe erases records and root key; later calls answer closed',
    async run(disk) {
      const store = await disk.open();
      await store.commit([put(['a'], 1)]);
      const fingerprint = await derive(await keyOf(store));
      await store.wipe();
      await refuses('closed', () => store.get([['a']]));
      await refuses('closed', () => store.commit([put(['a'], 1)]));
      await refuses('closed', () => store.range({ from: ['a'], to: ['b'] }));
      await refuses('closed', () => store.rootKey());
      const fresh = await disk.open();
      same(await fresh.get([['a']]), [undefined]);
      if (String(await derive(await keyOf(fresh))) === String(fingerprint)) throw new Error('same root key');
    },
  },
  {
    name: '[VAULT6] a wipe by one tab closes the stores of the others',
    async run(disk) {
      const first = await disk.open();
      const second = await disk.open();
      await first.commit([put(['a'], 1)]).catch(() => undefined);
      await second.wipe();
      try {
        await first.commit([put(['a'], 2)]);
      } catch (error) {
        if (error instanceof StoreError && (error.code === 'closed' || error.code === 'fenced')) {
          same(await (await disk.open()).get([['a']]), [undefined]);
          return;
        }
      }
      throw new Error('a wiped store took a commit');
    },
  },
  {
    name: '[VAULT7] the root key derives and cannot be exported',
    async run(disk) {
      const key = await keyOf(await disk.open());
      same([key.extractable, key.type], [false, 'secret']);
      let exported = true;
      await crypto.subtle.exportKey('raw', key).catch(() => {
        exported = false;
      });
      same(exported, false);
    },
  },
  {
    name: '[VAULT40] a commit puts slots in the place of the root key, and another key in theirs',
    async run(disk) {
      const store = await disk.open();
      const slots = bytes(1, 2, 3, 4);
      await store.commit([put(['a'], 1)], slots.subarray(1, 3));
      same(await store.rootKey(), bytes(2, 3));
      await store.commit([put(['a'], 2)]);
      const reopened = await disk.open();
      const [value] = await reopened.get([['a']]);
      same([value, await reopened.rootKey()], [bytes(2), bytes(2, 3)]);
      const secret = bytes(...Array<number>(32).fill(7));
      const key = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey', 'deriveBits']);
      await reopened.commit([], key);
      same(await derive(await keyOf(reopened)), await derive(key));
      same(await derive(await keyOf(await disk.open())), await derive(key));
    },
  },
  {
    name: '[VAULT40] of a commit that is fenced the slots do not land either',
    async run(disk) {
      const old = await disk.open();
      const fingerprint = await derive(await keyOf(old));
      const next = await disk.open();
      await refuses('fenced', () => old.commit([put(['a'], 1)], bytes(1)));
      same(await derive(await keyOf(old)), fingerprint);
      same(await derive(await keyOf(next)), fingerprint);
      same(await derive(await keyOf(await disk.open())), fingerprint);
    },
  },
  {
    name: '[VAULT6] a wipe erases slots, too',
    async run(disk) {
      const store = await disk.open();
      await store.commit([put(['a'], 1)], bytes(1, 2));
      await store.wipe();
      const fresh = await disk.open();
      same(await fresh.get([['a']]), [undefined]);
      same((await keyOf(fresh)).type, 'secret');
    },
  },
  {
    name: '[VAULT1] answers a closed store with closed',
    async run(disk) {
      const store = await disk.open();
      await store.close();
      await refuses('closed', () => store.get([['a']]));
      await refuses('closed', () => store.commit([put(['a'], 1)]));
    },
  },
];

function put(key: RecordKey, value: number) {
  return { key, value: bytes(value) };
}

function keysOf(records: readonly { readonly key: RecordKey }[]): RecordKey[] {
  return records.map((record) => record.key);
}

async function keyOf(store: RecordStore): Promise<CryptoKey> {
  const root = await store.rootKey();
  if (root instanceof Uint8Array) throw new Error('expected a key, got slots');
  return root;
}

async function derive(key: CryptoKey): Promise<Uint8Array> {
  const bits = { name: 'HKDF', hash: 'SHA-256', salt: bytes(), info: bytes(1) };
  return new Uint8Array(await crypto.subtle.deriveBits(bits, key, 128));
}

async function refuses(code: StoreError['code'], act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (error instanceof StoreError && error.code === code) return;
    throw new Error(`expected ${code}`, { cause: error });
  }
  throw new Error(`expected ${code}, got an answer`);
}

function same(actual: unknown, expected: unknown): void {
  const [left, right] = [show(actual), show(expected)];
  if (left !== right) throw new Error(`expected ${right}, got ${left}`);
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, member) =>
    member instanceof Uint8Array ? `bytes ${[...member]}` : member === undefined ? 'undefined' : member,
  );
}
