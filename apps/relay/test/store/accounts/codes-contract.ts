import { expect, it } from 'vitest';
import { freshStores, type OpenAccountStores } from './fresh-stores.ts';
import { bytes } from './values.ts';

export function testCodes(open: OpenAccountStores): void {
  const stores = freshStores(open);
  const id = bytes(1);
  const code = { id, hash: bytes(2, 32), tries: 5, expiresAt: 1000 };

  it('[STORE25] gives the hash of a code to as many guesses as it has tries, however many come at once', async () => {
    const { codes } = stores();
    await codes.put(code);
    await codes.put({ ...code, id: bytes(9) });
    const guesses = await Promise.all(Array.from({ length: 25 }, () => codes.try(id, 0)));
    expect(guesses.filter((guess) => guess !== undefined)).toEqual(
      Array.from({ length: 5 }, () => ({ hash: code.hash })),
    );
    expect(await codes.try(id, 0)).toBeUndefined();
    expect(await codes.try(bytes(9), 0)).toEqual({ hash: code.hash });
    expect(await codes.try(bytes(8), 0)).toBeUndefined();
  });

  it('[STORE25] a code that is sent again takes the place of the one before, with its own tries', async () => {
    const { codes } = stores();
    await codes.put({ ...code, tries: 1 });
    await codes.try(id, 0);
    await codes.put({ ...code, hash: bytes(3, 32), tries: 2 });
    expect(await codes.try(id, 0)).toEqual({ hash: bytes(3, 32) });
    expect(await codes.try(id, 0)).toEqual({ hash: bytes(3, 32) });
    expect(await codes.try(id, 0)).toBeUndefined();
  });

  it('[STORE25] knows no code past its time, nor one that was swept', async () => {
    const { codes } = stores();
    await codes.put(code);
    expect(await codes.try(id, 1000)).toBeUndefined();
    await codes.sweep(999);
    expect(await codes.try(id, 999)).toEqual({ hash: code.hash });
    await codes.sweep(1000);
    expect(await codes.try(id, 0)).toBeUndefined();
  });

  it('[STORE25] an id is claimed by one caller of any number, and its code has no tries after that', async () => {
    const { codes } = stores();
    await codes.put(code);
    expect(await codes.isClaimed(id, 0)).toBe(false);
    const claims = await Promise.all(Array.from({ length: 12 }, () => codes.claim(id, 1000)));
    expect(claims.filter((mine) => mine)).toHaveLength(1);
    expect(await codes.isClaimed(id, 999)).toBe(true);
    expect(await codes.isClaimed(id, 1000)).toBe(false);
    expect(await codes.try(id, 0)).toBeUndefined();
    await codes.put(code);
    expect(await codes.try(id, 0)).toBeUndefined();
    await codes.sweep(999);
    expect(await codes.claim(id, 1000)).toBe(false);
    expect(await codes.claim(bytes(9), 1000)).toBe(true);
  });
}
