import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeBase64Url } from '@sotto/protocol';
import type { Config } from '../../config.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';

const MIB = 1024 * 1024;
const LITTLE_SPACE = 2048 * MIB;
const NO_SPACE = 256 * MIB;

/** The folder that a relay keeps its secrets and databases in: who may look into it, and whether anything fits. */
export async function examineDataFolder({ dataDir, store }: Config): Promise<Finding[]> {
  if (store === 'memory')
    return [warning('data folder', 'none: all is gone with the process', 'Unset SOTTO_STORE')];
  if (!existsSync(dataDir)) {
    return [
      warning(
        'data folder',
        `${dataDir} is not there yet`,
        'The first start makes it; if there was one, set SOTTO_DATA_DIR',
      ),
    ];
  }
  return [await examineRights(dataDir), await examineSpace(dataDir)];
}

async function examineRights(dataDir: string): Promise<Finding> {
  const about = 'data folder';
  const { uid, mode } = await stat(dataDir);
  if (process.getuid !== undefined && process.getuid() !== uid) {
    return wrong(
      about,
      `${dataDir} belongs to another user`,
      'Run this as the user of the relay, or chown the folder',
    );
  }
  if (!(await canWrite(dataDir))) {
    return wrong(about, `nothing can be written to ${dataDir}`, 'Let the user of the relay write there');
  }
  if ((mode & 0o077) !== 0) {
    return warning(about, `others on this machine may look into ${dataDir}`, `chmod 700 ${dataDir}`);
  }
  return ok(about, `${dataDir}, for its owner alone`);
}

async function canWrite(dataDir: string): Promise<boolean> {
  const path = join(dataDir, `.doctor-${process.pid}`);
  try {
    await writeFile(path, 'x', { mode: 0o600 });
    await rm(path);
    return true;
  } catch {
    return false;
  }
}

async function examineSpace(dataDir: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(dataDir);
  return judgeSpace(bavail * bsize);
}

export function judgeSpace(free: number): Finding {
  const about = 'space';
  const says = `${Math.floor(free / MIB)} MiB are free`;
  if (free < NO_SPACE) return wrong(about, says, 'Make room: a full disk takes no messages');
  if (free < LITTLE_SPACE) return warning(about, says, 'Make room before it is full');
  return ok(about, says);
}

const SECRETS = {
  'opaque-setup':
    'Without it no password opens anything. Put it back from a backup before the next start makes another',
  'relay-key':
    'The next start makes another, under which authenticator apps of people and waiting mail do not open. If there was one, put it back',
  'jwt-secret': 'The next start makes another, and people renew their sessions',
} as const;

/** Files that are the relay's identity: there, whole, and read by their owner alone. */
export async function examineSecrets({ dataDir, store, jwtSecret }: Config): Promise<Finding[]> {
  if (store === 'memory' || !existsSync(dataDir)) return [];
  const names = (Object.keys(SECRETS) as (keyof typeof SECRETS)[]).filter(
    (name) => name !== 'jwt-secret' || jwtSecret === undefined,
  );
  const wasUsed = existsSync(join(dataDir, 'origin'));
  const findings = await Promise.all(names.map((name) => examineSecret(dataDir, name, wasUsed)));
  const bad = findings.filter((finding) => finding !== undefined);
  return bad.length > 0
    ? bad
    : [ok('secrets', wasUsed ? 'whole, for their owner alone' : 'made at the first start')];
}

async function examineSecret(
  dataDir: string,
  name: keyof typeof SECRETS,
  wasUsed: boolean,
): Promise<Finding | undefined> {
  const path = join(dataDir, name);
  const about = `secret ${name}`;
  if (!existsSync(path)) {
    if (!wasUsed) return undefined;
    const judge = name === 'opaque-setup' ? wrong : warning;
    return judge(about, 'is missing', SECRETS[name]);
  }
  if (((await stat(path)).mode & 0o077) !== 0) {
    return wrong(about, 'others on this machine may read it', `chmod 600 ${path}`);
  }
  const bytes = await readFile(path, 'utf8').then(
    (text) => decodeBase64Url(text.trim()),
    () => undefined,
  );
  return bytes !== undefined && bytes.length >= 32
    ? undefined
    : wrong(about, 'is damaged', 'Put it back from a backup');
}

const MINUTE_MS = 60_000;
/** No clock of a machine that runs this stands before it. */
const RELEASED = Date.UTC(2026, 0, 1);

/** Codes, sessions and one-time passwords rest on the clock. Nobody outside is asked what time it is. */
export async function examineClock({ dataDir, store }: Config, now: number): Promise<Finding> {
  const about = 'clock';
  const mend = 'Set the clock, and let it be kept by NTP';
  if (now < RELEASED) return wrong(about, `it says ${new Date(now).toISOString()}`, mend);
  const newest = store === 'memory' ? 0 : await newestTime(dataDir);
  if (newest > now + MINUTE_MS) {
    return wrong(
      about,
      `files of the relay are from ${new Date(newest).toISOString()}, which is still to come`,
      mend,
    );
  }
  return ok(about, `${new Date(now).toISOString()}, behind all that the relay wrote`);
}

async function newestTime(dataDir: string): Promise<number> {
  if (!existsSync(dataDir)) return 0;
  const names = await readdir(dataDir);
  const times = await Promise.all(
    names.map((name) =>
      stat(join(dataDir, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return Math.max(0, ...times);
}
