// Writes chains.json from Alice's story and the refusals: `node packages/transparency/test/vectors/make.ts`.
// The file is frozen: a change in it means that chains already signed in the world would be read differently.
import { writeFileSync } from 'node:fs';
import { encodeChainState } from '../../src/state-codec.ts';
import { alice, story } from '../alice.ts';
import { refusals } from '../refusals.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** 4097 times the same statement is written once, with `times`. */
const list = (statements: readonly Uint8Array[]) =>
  statements.length > 100
    ? { statements: [hex(statements[0]!)], times: statements.length }
    : { statements: statements.map(hex) };

export const vectors = {
  account: hex(alice.account),
  chain: story.map(({ statement, state }) => ({
    statement: hex(statement),
    state: hex(encodeChainState(state)),
  })),
  refused: refusals.map(({ name, reason, at, statements, pinned }) => ({
    name,
    reason,
    at,
    ...(pinned === undefined ? {} : { pinned: hex(encodeChainState(pinned)) }),
    ...list(statements),
  })),
  keys: Object.fromEntries(
    (['first', 'second', 'third', 'laptop', 'phone', 'tablet'] as const).map((name) => [
      name,
      { publicKey: hex(alice[name].publicKey), privateKey: hex(alice[name].privateKey) },
    ]),
  ),
  devices: { laptop: hex(alice.laptop.id), phone: hex(alice.phone.id), tablet: hex(alice.tablet.id) },
};

if (import.meta.main) {
  writeFileSync(new URL('chains.json', import.meta.url), `${JSON.stringify(vectors, null, 1)}\n`);
}
