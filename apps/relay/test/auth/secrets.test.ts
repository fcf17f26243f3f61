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
  expect([made.jwtSecret.length, made.relayKey.length]).toEqual([32, 32]);
  expect((await stat(data)).mode & 0o777).toBe(0o700);
  for (const name of ['opaque-setup', 'jwt-secret', 'relay-key']) {
    expect((await stat(join(data, name))).mode & 0o777).toBe(0o600);
  }
});

it('[AUTH13] a damaged secret stops the start: it is never replaced', async () => {
  const { jwtSecret } = await keepSecrets(folder, random);
  for (const name of ['relay-key', 'jwt-secret']) {
    await writeFile(join(folder, name), 'short');
    await expect(keepSecrets(folder, random)).rejects.toThrow(name);
    expect(await readFile(join(folder, name), 'utf8')).toBe('short');
    await writeFile(join(folder, name), Buffer.from(jwtSecret).toString('base64url'));
  }
  await expect(createOpaqueServer({ setup: 'damaged', origin: () => '', random })).rejects.toThrow();
});
