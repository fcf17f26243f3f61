import { type AccountId, LIMITS, type Username } from '@sotto/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { createCodes } from '../../src/auth/codes.ts';
import { createMailLimits } from '../../src/auth/mail-limits.ts';
import { createRateLimiter } from '../../src/auth/rate-limiter.ts';
import { createRelayKeys, type RelayKeys } from '../../src/auth/relay-keys.ts';
import { createTickets, type Tickets } from '../../src/auth/tickets.ts';
import { openTotpSecret, sealTotpSecret } from '../../src/auth/totp.ts';
import { DEFAULT_QUOTAS } from '../../src/quotas.ts';
import type { CodeStore } from '../../src/store/code-store.ts';
import type { CounterStore } from '../../src/store/counter-store.ts';
import { createMemoryCodes } from '../../src/store/memory/codes.ts';
import { createMemoryCounters } from '../../src/store/memory/counters.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const username = 'alice' as Username;
const clock = { now: 0 };
let keys: RelayKeys;
let codes: CodeStore;
let tickets: Tickets;
beforeEach(() => {
  clock.now = 1_000_000;
  keys = createRelayKeys(random(32), random);
  codes = createMemoryCodes();
  tickets = createTickets({ keys, codes, clock: () => clock.now, random });
});

describe('tickets', () => {
  it('[AUTH4] are opened by every node that has the key, as often as it takes, until one of them uses it', async () => {
    const { ticket, id } = tickets.seal('forgot', { username }, 60);
    const elsewhere = createTickets({ keys, codes, clock: () => clock.now, random });
    for (const node of [tickets, elsewhere, tickets]) {
      expect(node.open('forgot', ticket)).toEqual({ id, content: { username }, expiresAt: 1_060_000 });
    }
    const taken = await Promise.all(
      Array.from({ length: 50 }, (_, i) => (i % 2 ? tickets : elsewhere).take('forgot', ticket)),
    );
    expect(taken.filter((content) => content !== undefined)).toEqual([{ username }]);
    const opened = tickets.open('forgot', ticket);
    expect(opened !== undefined && (await elsewhere.isUsed(opened))).toBe(true);
  });

  it('[AUTH4] are no good too late, for another purpose, at another relay, or bent by a bit', async () => {
    const { ticket } = tickets.seal('forgot', { username }, 60);
    expect(tickets.open('register', ticket)).toBeUndefined();
    const foreign = createTickets({
      keys: createRelayKeys(random(32), random),
      codes,
      clock: () => clock.now,
      random,
    });
    expect(foreign.open('forgot', ticket)).toBeUndefined();
    for (let i = 0; i < ticket.length; i++) {
      const bent = ticket.with(i, (ticket[i] ?? 0) ^ 1);
      expect(tickets.open('forgot', bent)).toBeUndefined();
    }
    expect(tickets.open('forgot', ticket.slice(0, 20))).toBeUndefined();
    clock.now += 60_000;
    expect(tickets.open('forgot', ticket)).toBeUndefined();
    expect(await tickets.take('forgot', ticket)).toBeUndefined();
  });

  it('[AUTH28] show nothing of what is in them, and no two are alike', () => {
    const content = { username, account: random(16) as AccountId, record: random(16), challenge: random(32) };
    const [one, other] = [1, 2].map(() => tickets.seal('reset_factor', content, 60).ticket);
    expect(one).not.toEqual(other);
    expect(Buffer.from(one ?? []).includes(Buffer.from('alice'))).toBe(false);
    expect(one?.length).toBeLessThan(LIMITS.ticket);
  });
});

describe('codes', () => {
  it('[AUTH21] have eight digits, every one as likely as any other', async () => {
    const drawn: Uint8Array[] = [];
    const word = (value: number) => {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, value);
      return bytes;
    };
    const fixed = createCodes({
      keys,
      codes,
      clock: () => clock.now,
      random: () => drawn.shift() ?? word(7),
    });
    const ticket = { id: random(16), expiresAt: clock.now + 1000 };
    // 42 times 10^8 fit into 32 bits; what is above would make the lowest codes likelier, and is drawn again.
    drawn.push(word(4_200_000_000), word(2 ** 32 - 1), word(4_199_999_999));
    expect(await fixed.issue(ticket, true)).toBe('99999999');
    expect(await fixed.issue(ticket, true)).toBe('00000007');
  });

  it('[AUTH21] stand in the store under a key, and serve the ticket they were made for', async () => {
    const kept: Uint8Array[] = [];
    const watched: CodeStore = {
      ...codes,
      put: async (code) => {
        kept.push(code.hash);
        await codes.put(code);
      },
    };
    const made = createCodes({ keys, codes: watched, clock: () => clock.now, random });
    const ticket = { id: random(16), expiresAt: clock.now + 1000 };
    const other = { id: random(16), expiresAt: clock.now + 1000 };
    const [code] = [await made.issue(ticket, true), await made.issue(other, true)];
    expect(kept[0]?.length).toBe(32);
    expect(kept[0]).not.toEqual(kept[1]);
    expect(await made.check(other.id, code)).toBe(false);
    expect(await made.check(ticket.id, code)).toBe(true);
  });

  it('[AUTH34] made for nobody, none is right', async () => {
    const made = createCodes({ keys, codes, clock: () => clock.now, random });
    const ticket = { id: random(16), expiresAt: clock.now + 1000 };
    const code = await made.issue(ticket, false);
    expect(await made.check(ticket.id, code)).toBe(false);
  });
});

it('[AUTH28] what is sealed or marked for one purpose is nothing for another, and parts do not run together', () => {
  const sealed = keys.seal('one', random(5));
  expect(keys.open('one', sealed)?.length).toBe(5);
  expect(keys.open('two', sealed)).toBeUndefined();
  const [a, ab, b, bc, c] = ['a', 'ab', 'b', 'bc', 'c'].map((text) => new TextEncoder().encode(text));
  if (!a || !ab || !b || !bc || !c) throw new Error('no bytes');
  expect(keys.mac('one', ab, c)).not.toEqual(keys.mac('one', a, bc));
  expect(keys.mac('one', a)).not.toEqual(keys.mac('two', a));
  expect(() => createRelayKeys(random(31), random)).toThrow('shorter');
});

it('[AUTH23] the secret of an authenticator app opens for its own account alone', () => {
  const [alice, bob] = [random(16) as AccountId, random(16) as AccountId];
  const secret = random(20);
  const sealed = sealTotpSecret(keys, alice, secret);
  expect(openTotpSecret(keys, alice, sealed)).toEqual(secret);
  expect(() => openTotpSecret(keys, bob, sealed)).toThrow('does not open');
});

it('[AUTH28] [AUTH35] limits on mail are counted without the address in the store', async () => {
  const counted: string[] = [];
  const counters = createMemoryCounters();
  const watched: CounterStore = {
    ...counters,
    add: (key, ...others) => {
      counted.push(key);
      return counters.add(key, ...others);
    },
  };
  const limiter = createRateLimiter(watched, () => clock.now);
  const limits = createMailLimits(limiter, DEFAULT_QUOTAS, keys);
  await limits.toMailbox('address alice@example.org', '192.0.2.1');
  expect(counted).toHaveLength(2);
  expect(counted.join()).not.toMatch(/alice|example/);
});
