import { expect, it } from 'vitest';
import { createNudge } from '../src/chat/nudge.ts';

function memoryStorage() {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: kept.set.bind(kept),
    removeItem: kept.delete.bind(kept),
  };
  return { kept, storage };
}

it('[WEB59] “not now” holds for the next start, and names nobody', () => {
  const { kept, storage } = memoryStorage();
  createNudge(storage).finish(true);
  expect(createNudge(storage).isDone()).toBe(true);
  expect([...kept.values()]).toEqual(['1']);
});

it('[WEB59] on a shared computer it is held in memory only', () => {
  const { kept, storage } = memoryStorage();
  const nudge = createNudge(storage);
  nudge.finish(false);
  expect(nudge.isDone()).toBe(true);
  expect(kept.size).toBe(0);
  expect(createNudge(storage).isDone()).toBe(false);
});

it('[WEB59] the next account on this browser is asked again', () => {
  const { storage } = memoryStorage();
  const nudge = createNudge(storage);
  nudge.finish(true);
  nudge.forget();
  expect(nudge.isDone()).toBe(false);
  expect(createNudge(storage).isDone()).toBe(false);
});

it('[WEB59] a storage that refuses only asks again at the next start', () => {
  const refuse = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  const nudge = createNudge({ getItem: refuse, setItem: refuse, removeItem: refuse });
  nudge.finish(true);
  expect(nudge.isDone()).toBe(true);
  nudge.forget();
  expect(nudge.isDone()).toBe(false);
});
