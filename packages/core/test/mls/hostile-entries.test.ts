import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aliceAndBob, ok, random, tell, text } from './cast.ts';
import { framePlain, stateOf } from './hostile.ts';

const MALFORMED = { ok: false, reason: 'malformed' };

describe('bytes the relay chose', () => {
  it('[MLS9] a flipped bit anywhere is refused, and the honest bytes still open afterwards', async () => {
    const { a, b } = await aliceAndBob();
    const { body } = await a.sealMessage(text('between us'));
    await fc.assert(
      fc.asyncProperty(fc.nat(body.length * 8 - 1), async (bit) => {
        const flipped = body.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect((await b.openMessage(flipped)).ok).toBe(false);
      }),
      { numRuns: 200 },
    );
    expect(ok(await b.openMessage(body)).payload).toEqual(text('between us'));
  });

  it('[MLS9] a commit with a flipped bit is refused, and the honest one still applies', async () => {
    const { a, b } = await aliceAndBob();
    const { body, pending } = ok(await a.makeCommit({ add: [], remove: [] }));
    await fc.assert(
      fc.asyncProperty(fc.nat(body.length * 8 - 1), async (bit) => {
        const flipped = body.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect((await b.processCommit(flipped)).ok).toBe(false);
      }),
      { numRuns: 100 },
    );
    expect(ok(await b.processCommit(body)).group.epochAuthenticator).toEqual(pending.epochAuthenticator);
  });

  it('[MLS10] cut bytes, bytes after the end, random bytes and too many bytes are malformed', async () => {
    const { a, b } = await aliceAndBob();
    const { body } = await a.sealMessage(text('whole'));
    for (const length of [0, 1, 3, 4, 40, body.length - 1]) {
      expect(await b.openMessage(body.slice(0, length))).toEqual(MALFORMED);
    }
    expect(await b.openMessage(Buffer.concat([body, Uint8Array.of(0)]))).toEqual(MALFORMED);
    expect(await b.openMessage(new Uint8Array(64 * 1024 + 1))).toEqual(MALFORMED);
    expect(await b.processCommit(new Uint8Array(1024 * 1024 + 1))).toEqual(MALFORMED);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect((await b.openMessage(bytes)).ok).toBe(false);
        expect((await b.processCommit(bytes)).ok).toBe(false);
      }),
    );
  });

  it('[MLS11] a length in more bytes than it needs is malformed, outside and inside the seal', async () => {
    const { alice, a, b } = await aliceAndBob();
    const { body } = await a.sealMessage(text('long'));
    // version(2) wireformat(2), then the group id's length 32 in one byte: write it in two.
    const longer = Buffer.concat([body.subarray(0, 4), Uint8Array.of(0x40, 32), body.subarray(5)]);
    expect(await b.openMessage(longer)).toEqual(MALFORMED);
    const state = stateOf(alice.identity, a);
    const minimal = Buffer.concat([Uint8Array.of(2), text('hi'), Uint8Array.of(0x40, 64), random(64)]);
    const wasteful = Buffer.concat([Uint8Array.of(0x40, 2), text('hi'), Uint8Array.of(0x40, 64), random(64)]);
    expect(await b.openMessage(await framePlain(state, 'application', minimal))).toMatchObject({
      reason: 'bad_signature',
    });
    expect(await b.openMessage(await framePlain(state, 'application', wasteful))).toEqual(MALFORMED);
  });

  it('[MLS12] padding other than zeros is malformed, and a member cannot sign as another', async () => {
    const { alice, a, b } = await aliceAndBob();
    const state = stateOf(alice.identity, a);
    const content = Buffer.concat([Uint8Array.of(2), text('hi'), Uint8Array.of(0x40, 64), random(64)]);
    const padded = Buffer.concat([content, Uint8Array.of(0, 0, 1)]);
    expect(await b.openMessage(await framePlain(state, 'application', padded))).toEqual(MALFORMED);
    expect(await b.openMessage(await framePlain(state, 'application', content))).toMatchObject({
      reason: 'bad_signature',
    });
  });

  it('[MLS13] an entry of another log is of the wrong group, even when the epoch fits', async () => {
    const first = await aliceAndBob();
    const second = await aliceAndBob();
    const { body } = await first.a.sealMessage(text('elsewhere'));
    const commit = ok(await first.a.makeCommit({ add: [], remove: [] }));
    expect(await second.b.openMessage(body)).toEqual({ ok: false, reason: 'wrong_group' });
    expect(await second.b.processCommit(commit.body)).toEqual({ ok: false, reason: 'wrong_group' });
  });

  it('[MLS14] a message is not a commit and a commit is not a message', async () => {
    const { a, b } = await aliceAndBob();
    const message = await a.sealMessage(text('words'));
    const commit = ok(await a.makeCommit({ add: [], remove: [] }));
    expect(await b.processCommit(message.body)).toEqual(MALFORMED);
    expect(await b.openMessage(commit.body)).toEqual(MALFORMED);
  });
});

describe('order and repetition', () => {
  it('[MLS15] a message opens once', async () => {
    const { a, b } = await aliceAndBob();
    const { body } = await a.sealMessage(text('once'));
    const opened = ok(await b.openMessage(body));
    expect(await opened.group.openMessage(body)).toEqual({ ok: false, reason: 'replayed' });
  });

  it('[MLS16] skipped generations open later, sixteen of them; a leap over 256 is refused', async () => {
    const talk = await aliceAndBob();
    const bodies: Uint8Array[] = [];
    let { a, b } = talk;
    for (let index = 0; index < 260; index += 1) {
      const sealed = await a.sealMessage(Uint8Array.of(index & 0xff));
      bodies.push(sealed.body);
      a = sealed.group;
    }
    const at = (index: number) => bodies[index] ?? new Uint8Array();
    expect(await b.openMessage(at(257))).toEqual({ ok: false, reason: 'decrypt_failed' });
    b = ok(await b.openMessage(at(20))).group;
    expect(await b.openMessage(at(3))).toEqual({ ok: false, reason: 'replayed' });
    for (const index of [19, 4, 10]) {
      const opened = ok(await b.openMessage(at(index)));
      expect(opened.payload).toEqual(Uint8Array.of(index));
      b = opened.group;
      expect(await b.openMessage(at(index))).toEqual({ ok: false, reason: 'replayed' });
    }
    expect((await tell(a, ok(await b.openMessage(at(259))).group, 'on'))[2]).toBe('on');
  });

  it('[MLS17] of a skipped generation the key stays, not the secret that every later key follows from', async () => {
    const { a, b } = await aliceAndBob();
    const secretBefore = applicationSecret(b.encodeAll().ratchets.get('0'));
    const first = await a.sealMessage(text('lost'));
    const second = await first.group.sealMessage(text('found'));
    const after = ok(await b.openMessage(second.body))
      .group.encodeAll()
      .ratchets.get('0');
    expect(secretBefore).toHaveLength(64);
    expect(Buffer.from(after ?? []).includes(secretBefore)).toBe(false);
    function applicationSecret(record: Uint8Array | undefined): Buffer {
      return Buffer.from(record?.subarray(1 + 8 + 2 + 64 + 2, 1 + 8 + 2 + 64 + 2 + 64) ?? []);
    }
  });

  it('[MLS18] what is over size is not sealed', async () => {
    const { a } = await aliceAndBob();
    await expect(a.sealMessage(new Uint8Array(60_001))).rejects.toThrow(/over size/);
    expect((await a.sealMessage(new Uint8Array(60_000))).body.length).toBeLessThanOrEqual(64 * 1024);
  });

  it('[MLS19] bodies come in few sizes, so that a size says little', async () => {
    const { a } = await aliceAndBob();
    const sizeOf = async (length: number) => (await a.sealMessage(new Uint8Array(length))).body.length;
    expect(new Set(await Promise.all([0, 1, 50, 180].map(sizeOf))).size).toBe(1);
    expect(await sizeOf(200)).toBeGreaterThan(await sizeOf(180));
    expect(await sizeOf(200)).toBe(await sizeOf(400));
    const change = { add: [], remove: [] };
    const [one, two] = [ok(await a.makeCommit(change)), ok(await a.makeCommit(change))];
    expect(one.body.length).toBe(two.body.length);
  });
});
