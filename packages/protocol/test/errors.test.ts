import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ERRORS, isErrorCode } from '../src/index.ts';

it('[PRO10] the page of errors lists the codes of the catalogue with their status and meaning, and no other', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| `(\w+)` +\| (\d+) +\| ([^|]+?) +\| [^|]+ \|$/gm)].map((row) => ({
    code: row[1],
    status: Number(row[2]),
    text: row[3],
  }));
  expect(listed).toEqual(Object.entries(ERRORS).map(([code, { status, text }]) => ({ code, status, text })));
  expect(page.match(/^\| `/gm)).toHaveLength(listed.length);
});

it('[PRO10] a text from the wire is a code only when the catalogue has it', () => {
  expect(isErrorCode('rate_limited')).toBe(true);
  for (const text of ['toString', '__proto__', 'constructor', 'RATE_LIMITED', ''])
    expect(isErrorCode(text)).toBe(false);
});
