import { encodeCbor, encodeHex, LIMITS } from '@sotto/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeDelivered, encodeText, readContent, TEXT_LIMIT, textSize } from '../../src/content/content.ts';
import { encodeMimiMessage } from '../../src/content/mimi-codec.ts';
import type { Part } from '../../src/content/mimi-message.ts';
import { decodePayload, encodePayload } from '../../src/content/payload.ts';
import { advanceTranscript, agreesWithTranscript, seedTranscript } from '../../src/content/transcript.ts';

const salt = Uint8Array.from({ length: 16 }, (_, at) => at);
const text = (value: string | Uint8Array, more: Partial<Part & { contentType: string }> = {}): Part =>
  ({
    kind: 'single',
    disposition: 1,
    language: '',
    contentType: 'text/plain;charset=utf-8',
    content: typeof value === 'string' ? new TextEncoder().encode(value) : value,
    ...more,
  }) as Part;
const multi = (semantics: 'chooseOne' | 'singleUnit' | 'processAll', ...parts: Part[]): Part => ({
  kind: 'multi',
  disposition: 1,
  language: '',
  semantics,
  parts,
});
const read = (body: Part, replaces?: Uint8Array) =>
  readContent(
    encodeMimiMessage({
      salt,
      replaces,
      topic: new Uint8Array(0),
      expires: undefined,
      inReplyTo: undefined,
      extensions: new Map(),
      body,
    }),
  );
const unsupported = { kind: 'unsupported' };

describe('content of messages', () => {
  it('[VAULT33] carries any Unicode text and any delivery report', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        fc.pre(value.isWellFormed());
        expect(readContent(encodeText(value, salt))).toEqual({ kind: 'text', text: value });
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeNat(), (upTo) => {
        expect(readContent(encodeDelivered(upTo, salt))).toEqual({ kind: 'delivered', upTo });
      }),
    );
  });

  it('[VAULT33] writes the same bytes for ever', () => {
    expect(encodeHex(encodeText('hi bob', salt))).toBe(
      '8750000102030405060708090a0b0c0d0e0ff640f6f6a085016001781' +
        '8746578742f706c61696e3b636861727365743d7574662d3846686920626f62',
    );
    expect(encodeHex(encodeDelivered(42, salt))).toBe(
      '8750000102030405060708090a0b0c0d0e0ff640f6f6a0850060017824' +
        '6170706c69636174696f6e2f766e642e736f74746f2e64656c6976657265642b63626f7248a16475705' +
        '46f182a',
    );
  });

  it('[VAULT33] refuses to write a text over the limit or not Unicode', () => {
    expect(textSize('é')).toBe(2);
    expect(encodeText('é'.repeat(TEXT_LIMIT / 2), salt).length).toBeLessThan(LIMITS.messageBody);
    expect(() => encodeText(`${'é'.repeat(TEXT_LIMIT / 2)}x`, salt)).toThrow(RangeError);
    expect(() => encodeText('\ud800', salt)).toThrow(RangeError);
  });

  it('[VAULT34] shows text by disposition and part semantics, and calls the rest unsupported', () => {
    expect(read(text('a', { contentType: 'text/markdown;variant=GFM-MIMI' }))).toEqual({
      kind: 'text',
      text: 'a',
    });
    expect(read(text('a', { disposition: 77 }))).toEqual({ kind: 'text', text: 'a' });
    expect(read(text('♥', { disposition: 2 }))).toEqual(unsupported);
    expect(read(text('a', { contentType: 'text/html' }))).toEqual(unsupported);
    expect(read(text('a', { contentType: 'text/plain;charset=latin1' }))).toEqual(unsupported);
    expect(read(text(Uint8Array.of(0xff)))).toEqual(unsupported);
    expect(read({ kind: 'nothing', disposition: 0, language: '' })).toEqual(unsupported);
    const html = text('<b>', { contentType: 'text/html' });
    expect(read(multi('chooseOne', html, text('b')))).toEqual({ kind: 'text', text: 'b' });
    expect(read(multi('processAll', text('a'), html, text('b')))).toEqual({ kind: 'text', text: 'a\nb' });
    expect(read(multi('singleUnit', text('a'), html))).toEqual(unsupported);
    expect(read(text('edited'), new Uint8Array(32))).toEqual(unsupported);
    expect(readContent(Uint8Array.of(1, 2))).toBeUndefined();
    const report = (content: Uint8Array) =>
      read(text(content, { contentType: 'application/vnd.sotto.delivered+cbor' }));
    expect(report(encodeCbor({ upTo: -1 }))).toEqual(unsupported);
    expect(report(encodeCbor({ upTo: 1.5 }))).toEqual(unsupported);
    expect(report(new Uint8Array(0))).toEqual(unsupported);
  });
});

describe('payload', () => {
  const hash = new Uint8Array(32).fill(3);
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const anyPayload = fc.record({
    transcript: fc.record({
      seq: fc.maxSafeNat(),
      hash: bytes32,
      before: fc.option(bytes32, { nil: undefined }),
    }),
    content: fc.uint8Array({ minLength: 1, maxLength: 100 }),
  });

  it('[VAULT35] gives back what it wrote', () => {
    fc.assert(
      fc.property(anyPayload, (payload) => {
        expect(decodePayload(encodePayload(payload))).toEqual({ ok: true, payload });
      }),
    );
  });

  it('[VAULT35] refuses other shapes with a reason, and never throws', () => {
    const good = { v: 1, transcript: { seq: 1, hash }, content: Uint8Array.of(1) };
    const reason = (value: unknown) => {
      const decoded = decodePayload(value instanceof Uint8Array ? value : encodeCbor(value));
      return decoded.ok ? 'ok' : decoded.reason;
    };
    expect(reason(good)).toBe('ok');
    expect(reason({ ...good, v: 2, more: [] })).toBe('version_unknown');
    expect(reason({ ...good, v: 'x' })).toBe('malformed');
    expect(reason({ ...good, more: 1 })).toBe('malformed');
    expect(reason({ ...good, content: new Uint8Array(0) })).toBe('malformed');
    expect(reason({ ...good, transcript: { seq: 1, hash, more: 1 } })).toBe('malformed');
    expect(reason({ ...good, transcript: { seq: -1, hash } })).toBe('malformed');
    expect(reason({ ...good, transcript: { seq: 1, hash: hash.subarray(1) } })).toBe('malformed');
    expect(reason({ ...good, transcript: { seq: 1, hash, before: 'x' } })).toBe('malformed');
    expect(reason(new Uint8Array(LIMITS.messageBody + 1))).toBe('malformed');
    for (const value of [null, 1, 'x', [], Uint8Array.of(0xa0)]) expect(reason(value)).toBe('malformed');
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (wire) => void decodePayload(wire)));
  });
});

describe('transcript', () => {
  it('[VAULT36] makes the same hashes for ever', () => {
    const seed = seedTranscript(new Uint8Array(32).fill(1), 7);
    expect(encodeHex(seed.hash)).toBe('735b5bb95693800bfbff573912e176f9bfe2766202631fe2fcabf6794c5aecef');
    const next = advanceTranscript(seed, { seq: 8, body: Uint8Array.of(1, 2, 3) });
    expect(encodeHex(next.hash)).toBe('d25c9ce57a45ba9767bd5f4698e86959714b68612a4cd605e59a428a8692c724');
    expect(() => advanceTranscript(seed, { seq: 9, body: Uint8Array.of(1) })).toThrow(RangeError);
  });

  it('[VAULT36] differs once any entry, its place, its epoch or the order differs', () => {
    const body = fc.uint8Array({ maxLength: 8 });
    const log = fc.tuple(fc.nat(9), fc.nat(5), fc.array(body, { maxLength: 4 }));
    const run = ([epoch, first, bodies]: [number, number, Uint8Array[]]) => {
      let transcript = seedTranscript(Uint8Array.of(epoch), first);
      for (const entry of bodies)
        transcript = advanceTranscript(transcript, { seq: transcript.seq + 1, body: entry });
      return encodeHex(transcript.hash);
    };
    fc.assert(
      fc.property(log, log, (one, other) => {
        expect(run(one) === run(other)).toBe(
          JSON.stringify(one.map(String)) === JSON.stringify(other.map(String)),
        );
      }),
    );
  });

  it('[VAULT37] agrees with a claim only where both hashes are known and the same', () => {
    const [one, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const claim = (hash: Uint8Array, before?: Uint8Array) => ({ hash, before });
    expect(agreesWithTranscript(claim(one), one, undefined)).toBe(true);
    expect(agreesWithTranscript(claim(one), other, undefined)).toBe(false);
    expect(agreesWithTranscript(claim(one), undefined, undefined)).toBe(false);
    expect(agreesWithTranscript(claim(one, one), one, one)).toBe(true);
    expect(agreesWithTranscript(claim(one, one), one, other)).toBe(false);
    expect(agreesWithTranscript(claim(one, one), one, undefined)).toBe(true);
  });
});
