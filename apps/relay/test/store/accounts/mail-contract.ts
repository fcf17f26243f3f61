import { expect, it } from 'vitest';
import { freshStores, type OpenAccountStores } from './fresh-stores.ts';
import { bytes } from './values.ts';

export function testMail(open: OpenAccountStores): void {
  const stores = freshStores(open);
  const mailOf = (fill: number, dueAt = 0) => ({
    id: bytes(fill),
    sealed: bytes(fill, 300),
    dueAt,
    expiresAt: 1000,
  });

  it('[STORE26] gives out what is due longest, and not again before its time', async () => {
    const { mail } = stores();
    for (const [fill, dueAt] of [
      [1, 20],
      [2, 10],
      [3, 90],
    ] as const)
      await mail.put(mailOf(fill, dueAt));
    expect(await mail.take(9, 100)).toBeUndefined();
    expect(await mail.take(50, 100)).toEqual({ ...mailOf(2), dueAt: 100, attempt: 1 });
    expect(await mail.take(50, 110)).toEqual({ ...mailOf(1), dueAt: 110, attempt: 1 });
    expect(await mail.take(50, 100)).toBeUndefined();
    expect(await mail.take(105, 200)).toMatchObject({ id: bytes(3), attempt: 1 });
    expect(await mail.take(105, 200)).toMatchObject({ id: bytes(2), attempt: 2 });
    expect(await mail.take(105, 200)).toBeUndefined();
  });

  it('[STORE26] puts a mail off and removes it', async () => {
    const { mail } = stores();
    await mail.put(mailOf(1));
    await mail.put(mailOf(2));
    await mail.take(0, 50);
    await mail.postpone(bytes(1), 400);
    await mail.postpone(bytes(2), 300);
    await mail.postpone(bytes(9), 0);
    expect(await mail.take(299, 500)).toBeUndefined();
    expect(await mail.take(300, 500)).toMatchObject({ id: bytes(2), sealed: bytes(2, 300) });
    await mail.remove(bytes(1));
    await mail.remove(bytes(2));
    await mail.remove(bytes(9));
    expect(await mail.take(900, 950)).toBeUndefined();
  });

  it('[STORE26] gives out none past its time, and sweeps it', async () => {
    const { mail } = stores();
    await mail.put(mailOf(1));
    expect(await mail.take(1000, 2000)).toBeUndefined();
    await mail.sweep(999);
    expect(await mail.take(999, 999)).toMatchObject({ attempt: 1 });
    await mail.sweep(1000);
    expect(await mail.take(999, 999)).toBeUndefined();
  });

  it('[STORE26] of many that take at once each gets another mail', async () => {
    const { mail } = stores();
    for (let fill = 1; fill <= 6; fill++) await mail.put(mailOf(fill));
    const taken = await Promise.all(Array.from({ length: 10 }, () => mail.take(0, 100)));
    const ids = taken.flatMap((one) => (one === undefined ? [] : [one.id[0]]));
    expect(ids.sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });
}
