import { describe, expect, it } from 'vitest';
import { accountId, entryId, handshake, logId, NOTICES, REQUESTS, ROUTES, username } from '../src/index.ts';

const id = (length: number) => new Uint8Array(length).fill(1);
const append = { log: id(32), token: id(32), id: id(16), epoch: 3, body: id(200) };
const commit = {
  ...append,
  nextTokenHash: id(32),
  welcomes: [{ account: id(16), device: id(16), expiryDay: 1, body: id(9) }],
};

describe('ids and names', () => {
  it('[PRO1] have one length', () => {
    for (const [schema, length] of [
      [accountId, 16],
      [entryId, 16],
      [logId, 32],
    ] as const) {
      expect(schema.safeParse(id(length)).success).toBe(true);
      for (const wrong of [
        id(length - 1),
        id(length + 1),
        id(0),
        'a'.repeat(length),
        [...id(length)],
        null,
      ]) {
        expect(schema.safeParse(wrong).success).toBe(false);
      }
    }
  });

  it.each(['bob', '0.1', 'a-b_c', 'a'.repeat(32)])('[PRO2] %j is a name', (name) => {
    expect(username.safeParse(name).success).toBe(true);
  });

  it.each(['al', '', '.bob', '-bob', 'Bob', 'bob ', 'bøb', 'bob\n', 'a'.repeat(33)])(
    '[PRO2] %j is none',
    (name) => {
      expect(username.safeParse(name).success).toBe(false);
    },
  );
});

describe('socket requests', () => {
  it('[PRO9] carry bytes as bytes', () => {
    expect(REQUESTS['log:append'].request.safeParse(append).success).toBe(true);
    expect(REQUESTS['log:commit'].request.safeParse(commit).success).toBe(true);
    expect(REQUESTS['log:append'].request.safeParse({ ...append, body: 'AQEB' }).success).toBe(false);
  });

  it.each(Object.entries(REQUESTS))(
    '[PRO8] %s refuses an unknown field, null, an array and nothing',
    (_, { request }) => {
      for (const wrong of [{ ...commit, extra: 1 }, null, [], undefined, 'x', 7]) {
        expect(request.safeParse(wrong).success).toBe(false);
      }
    },
  );

  it('[PRO8] an unknown field inside a Welcome refuses the commit', () => {
    const welcomes = [{ ...commit.welcomes[0], name: 'bob' }];
    expect(REQUESTS['log:commit'].request.safeParse({ ...commit, welcomes }).success).toBe(false);
  });

  it.each([-1, 1.5, 2 ** 53, Number.NaN, '3'])('[PRO8] epoch %j is no count', (epoch) => {
    expect(REQUESTS['log:append'].request.safeParse({ ...append, epoch }).success).toBe(false);
  });

  it('[PRO8] handshake and notices are strict', () => {
    expect(handshake.safeParse({ token: 't', protocol: 1 }).success).toBe(true);
    expect(handshake.safeParse({ token: 't', protocol: 1, role: 'admin' }).success).toBe(false);
    expect(NOTICES['log:entries'].safeParse({ log: id(32), run: id(0), more: 1 }).success).toBe(false);
  });
});

describe('routes', () => {
  const bodies = Object.entries(ROUTES).flatMap(([name, route]) =>
    'body' in route ? [[name, route.body] as const] : [],
  );

  it.each(bodies)('[PRO8] the body of %s is strict', (_, body) => {
    expect(body.safeParse({ surprise: 1 }).success).toBe(false);
    expect(body.safeParse([]).success).toBe(false);
  });
});
