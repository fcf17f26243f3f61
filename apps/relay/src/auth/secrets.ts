import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeBase64Url, encodeBase64Url } from '@sotto/protocol';
import type { Random } from '../clock.ts';
import { makeOpaqueSetup } from './opaque-server.ts';

/** What a relay must keep for as long as its accounts live. All of it secret. */
export interface RelaySecrets {
  readonly opaqueSetup: string;
  /** At least 32 bytes. */
  readonly jwtSecret: Uint8Array;
  /** At least 32 bytes: what `RelayKeys` derives its keys from. */
  readonly relayKey: Uint8Array;
}

/** Secrets of a relay that forgets everything with its process. */
export async function makeSecrets(random: Random): Promise<RelaySecrets> {
  return { opaqueSetup: await makeOpaqueSetup(), jwtSecret: random(32), relayKey: random(32) };
}

/**
 * The secrets of a data folder, made at its first start: files that only their owner reads. Without `opaque-setup` no
 * password opens anything again, and without `relay-key` no authenticator app or recovery code does: both are part of a
 * backup. Rejects when a file is there and unreadable or damaged.
 */
export async function keepSecrets(folder: string, random: Random): Promise<RelaySecrets> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const opaqueSetup = await keep(join(folder, 'opaque-setup'), makeOpaqueSetup);
  const jwtSecret = await keepKey(folder, 'jwt-secret', random);
  const relayKey = await keepKey(folder, 'relay-key', random);
  return { opaqueSetup, jwtSecret, relayKey };
}

/** The relay key of a data folder; undefined where there is none, or a damaged one. Makes nothing. */
export async function readRelayKey(folder: string): Promise<Uint8Array | undefined> {
  const key = decodeBase64Url(((await readIfThere(join(folder, 'relay-key'))) ?? '').trim());
  return key !== undefined && key.length >= 32 ? key : undefined;
}

async function keepKey(folder: string, name: string, random: Random): Promise<Uint8Array> {
  const text = await keep(join(folder, name), async () => encodeBase64Url(random(32)));
  const key = decodeBase64Url(text);
  if (key === undefined || key.length < 32) throw new Error(`${name} in the data folder is damaged`);
  return key;
}

async function keep(path: string, make: () => Promise<string>): Promise<string> {
  const kept = await readIfThere(path);
  if (kept !== undefined) return kept.trim();
  const secret = await make();
  // Whole or not at all, also across a crash; and of two first starts at once, one makes it and the other fails loudly.
  const draft = `${path}.${process.pid}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${secret}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await link(draft, path);
  await unlink(draft);
  return secret;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
