import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { createFeed } from '../../src/realtime/feed.ts';
import { createReadingQueue } from '../../src/realtime/reading-queue.ts';

const item = (seq: number) => ({ seq });
const upTo = (last: number) => Array.from({ length: last }, (_, index) => item(index + 1));

/** A log that others write to, and what was passed on of it. Readings wait until the test lets them look. */
function openStory() {
  const log: { seq: number }[] = [];
  const passedOn: number[] = [];
  const looks: (() => void)[] = [];
  const failures = { left: 0 };
  const queue = createReadingQueue(() => {});
  const feed = createFeed<{ seq: number }>({
    queue,
    deliver: (items) => passedOn.push(...items.map(({ seq }) => seq)),
    async read(after) {
      if (failures.left-- > 0) return undefined;
      const found = log.filter(({ seq }) => seq > after).slice(0, 3);
      await new Promise<void>((resolve) => looks.push(resolve));
      return found;
    },
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    log,
    passedOn,
    feed,
    failures,
    queue,
    append: () => log.push(item(log.length + 1)),
    /** As another node's word holds the item itself. */
    tell: (seq: number) => passedOn.push(...feed.take([item(seq)]).map((taken) => taken.seq)),
    async look() {
      await turn();
      looks.shift()?.();
      await turn();
    },
    async finish() {
      for (let idle = 0; idle < 3; idle++) {
        await turn();
        queue.retry();
        if (looks.length > 0) idle = 0;
        for (const look of looks.splice(0)) look();
      }
    },
  };
}

it('[LOG20] who comes while a log is read gets what is before, too', async () => {
  const { feed, log, passedOn, look, finish } = openStory();
  log.push(...upTo(6));
  feed.start(3);
  feed.hear(6);
  await Promise.resolve();
  feed.start(1);
  await look();
  await finish();
  expect(passedOn).toEqual([2, 3, 4, 5, 6]);
});

it('[LOG21] items that come in another order wait for each other, and nothing is read', async () => {
  const { feed, log, passedOn, tell, finish } = openStory();
  log.push(...upTo(5));
  tell(2);
  feed.start(1);
  await finish();
  expect(passedOn).toEqual([2]);
  for (const seq of [5, 4]) tell(seq);
  expect(passedOn).toEqual([2]);
  tell(3);
  expect(passedOn).toEqual([2, 3, 4, 5]);
});

it('[LOG20] an item that is missing behind others is read after a moment', async () => {
  const { feed, log, passedOn, tell, finish } = openStory();
  log.push(...upTo(4));
  feed.start(1);
  tell(3);
  tell(4);
  await vi.waitFor(async () => {
    await finish();
    expect(passedOn).toEqual([2, 3, 4]);
  });
});

it('[LOG23] a reading that fails is tried again', async () => {
  const { feed, log, passedOn, failures, finish } = openStory();
  log.push(...upTo(2));
  failures.left = 2;
  feed.start(0);
  feed.hear(2);
  await finish();
  expect(passedOn).toEqual([1, 2]);
});

const STEPS = {
  'written elsewhere': ({ append }: Story) => append(),
  'written here': ({ append, feed, log, passedOn }: Story) => {
    append();
    passedOn.push(...feed.take([item(log.length)]).map(({ seq }) => seq));
  },
  'told by another, and by one before it later': ({ append, tell, log }: Story) => {
    append();
    append();
    tell(log.length);
    tell(log.length - 1);
  },
  'told by another': ({ append, tell, log }: Story) => {
    append();
    tell(log.length);
  },
  'a hint': ({ feed, log }: Story) => feed.hear(log.length),
  'a false hint': ({ feed, log }: Story) => feed.hear(log.length + 1_000),
  'a look': ({ look }: Story) => look(),
  'a failure': ({ failures }: Story) => {
    failures.left = 1;
  },
};
type Story = ReturnType<typeof openStory>;

it('[LOG20] whatever is heard, written here, or read slowly, each item is passed on once and in order', async () => {
  const step = fc.constantFrom(...Object.keys(STEPS)) as fc.Arbitrary<keyof typeof STEPS>;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const story = openStory();
      const { feed, log, passedOn } = story;
      feed.start(0);
      for (const name of steps) await STEPS[name](story);
      feed.hear(log.length);
      await story.finish();
      expect(passedOn).toEqual(log.map(({ seq }) => seq));
    }),
  );
});
