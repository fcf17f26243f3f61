import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createOpaqueServer } from '../../src/auth/opaque-server.ts';
import { keepSecrets } from '../../src/auth/secrets.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-secrets-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('[AUTH13] a data folder gets its secrets once, for its owner alone', async () => {
  const data = join(folder, 'new', 'data');
  const made = await keepSecrets(data, random);
  expect(await keepSecrets(data, random)).toEqual(made);
  expect(made.jwtSecret.length).toBe(32);
  expect((await stat(data)).mode & 0o777).toBe(0o700);
  for (const name of ['opaque-setup', 'jwt-secret']) {
    expect((await stat(join(data, name))).mode & 0o777).toBe(0o600);
  }
});

it('[AUTH13] a damaged secret stops the start: it is never replaced', async () => {
  await keepSecrets(folder, random);
  await writeFile(join(folder, 'jwt-secret'), 'short');
  await expect(keepSecrets(folder, random)).rejects.toThrow('jwt-secret');
  expect(await readFile(join(folder, 'jwt-secret'), 'utf8')).toBe('short');
  await expect(createOpaqueServer({ setup: 'damaged', origin: () => '', random })).rejects.toThrow();
});
