import { expect, it } from 'vitest';
import { testSeal } from './seal.ts';

const said = new TextEncoder().encode('the family log has come to 7');

it('[LOG26] what one process of a relay seals, the others open', () => {
  const [one, other] = [testSeal(), testSeal()];
  for (let n = 0; n < 3; n++) expect(other.open(one.seal(said))).toEqual(Buffer.from(said));
  expect(one.open(one.seal(said))).toEqual(Buffer.from(said));
});

it('[LOG26] the same word never looks the same, in one process or in two', () => {
  const [one, other] = [testSeal(), testSeal()];
  const looks = [one, one, other, other].map((seal) => seal.seal(said).toString('hex'));
  expect(new Set(looks).size).toBe(4);
  const nonces = looks.map((look) => look.slice(0, 2 * 28));
  expect(new Set(nonces).size).toBe(4);
});

it('[LOG26] nothing else opens: bits changed anywhere, cut, or sealed by another relay', () => {
  const [here, there] = [testSeal(), testSeal()];
  const sealed = there.seal(said);
  for (let place = 0; place < sealed.length; place++) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(place) ^ 1, place);
    expect(here.open(changed)).toBeUndefined();
  }
  for (const length of [0, 15, 28, 43, sealed.length - 1])
    expect(here.open(sealed.subarray(0, length))).toBeUndefined();
  expect(here.open(testSeal(Buffer.alloc(32, 8)).seal(said))).toBeUndefined();
});

it('[LOG26] a flood of made-up names pushes nothing out for good', () => {
  const [here, there] = [testSeal(), testSeal()];
  for (let n = 0; n < 1000; n++) {
    const noise = Buffer.alloc(64);
    noise.writeUInt32BE(n);
    expect(here.open(noise)).toBeUndefined();
  }
  expect(here.open(there.seal(said))).toEqual(Buffer.from(said));
});
