/** Runs inside the page: strict transactions of one 300-byte record a second, one after the other. */
export async function measureStrictWrites(count: number): Promise<number> {
  const name = 'sotto-bench-floor';
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('records');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    await new Promise<void>((resolve, reject) => {
      const transaction = database.transaction('records', 'readwrite', { durability: 'strict' });
      transaction.objectStore('records').put(new Uint8Array(300), i);
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
  }
  const rate = (1000 * count) / (performance.now() - start);
  database.close();
  indexedDB.deleteDatabase(name);
  return rate;
}
