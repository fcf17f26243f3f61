import type { Username } from '@sotto/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectDone, proveAddress } from '../http/account-flows.ts';
import { createPerson } from '../http/person.ts';
import { createTestRelay, type TestRelay } from '../http/test-relay.ts';

const PASSWORD = 'correct horse battery staple';
const ADDRESS = 'alice@example.org';
const SAMPLES = 1000;
const NO_LIMITS = {
  freeAttempts: 1e6,
  registrationsPerHour: 1e6,
  mailsPerNetwork: 1e6,
  mailsPerMailbox: 1e6,
  mailsPerHour: 1e6,
};

/**
 * How often a time of `a` is the longer one of a pair: one half when nothing tells them apart. Ranks only, so that pauses of
 * a busy machine, however long, weigh no more than any other sample.
 */
function areaUnderCurve(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((time) => ({ time, of: 'a' })), ...b.map((time) => ({ time, of: 'b' }))];
  all.sort((x, y) => x.time - y.time);
  const ranks = all.reduce((sum, { of }, i) => (of === 'a' ? sum + i + 1 : sum), 0);
  return (ranks - (a.length * (a.length + 1)) / 2) / (a.length * b.length);
}

/** What steps tell they tell each time; a process that has a bad moment, as one in some does, tells it once. */
async function compare(known: () => Promise<number>, unknown: () => Promise<number>): Promise<number> {
  let nearest = 1;
  for (let round = 0; round < 3 && Math.abs(nearest - 0.5) >= 0.08; round++) {
    const area = await compareOnce(known, unknown);
    if (Math.abs(area - 0.5) < Math.abs(nearest - 0.5)) nearest = area;
  }
  return nearest;
}

/** Times both, turn by turn and in an order that changes, so that what drifts weighs on both alike. */
async function compareOnce(known: () => Promise<number>, unknown: () => Promise<number>): Promise<number> {
  const times = { known: [] as number[], unknown: [] as number[] };
  for (let i = 0; i < SAMPLES + 50; i++) {
    const order = crypto.getRandomValues(new Uint8Array(1))[0];
    const [first, second] = (order ?? 0) % 2 === 0 ? [known, unknown] : [unknown, known];
    const [one, other] = [await first(), await second()];
    if (i < 50) continue;
    times.known.push(first === known ? one : other);
    times.unknown.push(first === known ? other : one);
  }
  return areaUnderCurve(times.known, times.unknown);
}

it('[AUTH43] the comparison tells what is told, and nothing else', () => {
  const noise = () => Array.from({ length: 1000 }, () => Math.random() ** -0.5);
  expect(Math.abs(areaUnderCurve(noise(), noise()) - 0.5)).toBeLessThan(0.08);
  const later = noise().map((time) => time + 0.2);
  expect(Math.abs(areaUnderCurve(later, noise()) - 0.5)).toBeGreaterThan(0.08);
});

// In memory: a disk would only hide what the steps tell.
describe('what time tells', () => {
  let house: TestRelay;
  beforeAll(async () => {
    house = await createTestRelay({ quotas: NO_LIMITS });
    const alice = createPerson(house, 'alice');
    const email = await proveAddress(alice, ADDRESS, () => house.mailbox.codeFor(ADDRESS));
    expectDone(await alice.register(PASSWORD, {}, { email }));
  });
  afterAll(() => house.close());
  /** Each time from another network: nobody has to wait, and it is the steps behind that are timed. */
  const stranger = (name: string) => {
    const [high = 0, low = 0] = crypto.getRandomValues(new Uint16Array(2));
    const address = `2001:db8:${high.toString(16)}:${low.toString(16)}::1`;
    return createPerson(house, name, { address });
  };
  type Stranger = ReturnType<typeof createPerson>;

  it('[AUTH43] a login of a name that nobody has takes as long as one with a wrong password', async () => {
    const request = await firstMessage(stranger('alice'));
    const logIn = async (guess: Stranger): Promise<number> => {
      const begin = performance.now();
      const username = guess.username as Username;
      const { value } = await guess.call('login', { body: { username, request } });
      const { ticket } = expectDone(value);
      const body = { ticket, finish: new Uint8Array(64).fill(7), device: guess.device };
      const finished = await guess.call('loginFinish', { body });
      const took = performance.now() - begin;
      expect(finished.value).toMatchObject({ code: 'wrong_credentials' });
      return took;
    };
    const area = await compare(
      () => logIn(stranger('alice')),
      () => logIn(stranger('nobdy')),
    );
    expect(Math.abs(area - 0.5)).toBeLessThan(0.08);
  }, 120_000);

  it('[AUTH43] a registration of a name that somebody has begins as fast as one of a free name', async () => {
    const request = await firstMessage(stranger('alice'));
    const begin = async (asking: Stranger): Promise<number> => {
      const body = { username: asking.username, request, work: await asking.solveWork() };
      const start = performance.now();
      const { value } = await asking.call('register', { body });
      const took = performance.now() - start;
      expectDone(value);
      return took;
    };
    const area = await compare(
      () => begin(stranger('alice')),
      () => begin(stranger('nobdy')),
    );
    expect(Math.abs(area - 0.5)).toBeLessThan(0.08);
  }, 120_000);

  it('[AUTH43] a reset of a name that nobody has takes as long as one that mails a code', async () => {
    const forget = async (asking: Stranger): Promise<number> => {
      const body = { username: asking.username, work: await asking.solveWork() };
      const begin = performance.now();
      const { value } = await asking.call('forgotPassword', { body });
      const took = performance.now() - begin;
      expectDone(value);
      return took;
    };
    const area = await compare(
      () => forget(stranger('alice')),
      () => forget(stranger('nobdy')),
    );
    expect(Math.abs(area - 0.5)).toBeLessThan(0.08);
  }, 120_000);
});

/** A first message of OPAQUE that can be sent again and again. */
async function firstMessage(person: ReturnType<typeof createPerson>): Promise<Uint8Array> {
  let message = new Uint8Array(0);
  await person.provePassword('a guess', async (request) => {
    message = new Uint8Array(request);
    return { ok: false, code: 'unavailable' };
  });
  return message;
}
