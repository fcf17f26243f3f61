import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CHAIN_LIMITS } from '../src/limits.ts';
import { CHAIN_REASONS } from '../src/reasons.ts';

const spec = readFileSync(new URL('../SPEC.md', import.meta.url), 'utf8');

it('[CHAIN28] the reasons of SPEC.md and of the code are the same, in the same order', () => {
  const table = [...spec.matchAll(/^\| `(\w+)`\s+\| \S/gm)].map(([, reason]) => reason);
  expect(table).toEqual([...CHAIN_REASONS]);
});

it('[CHAIN3] SPEC.md names the limits that the code keeps', () => {
  expect(spec).toContain(`over ${CHAIN_LIMITS.statementBytes} bytes`);
  expect(spec).toContain(`over ${CHAIN_LIMITS.statements} statements`);
});
