import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepSecrets } from '../../src/auth/secrets.ts';
import { readConfig } from '../../src/config.ts';
import { openSqliteStores } from '../../src/open-stores.ts';
import { runCommandLine } from '../../src/operator/command-line.ts';

let folder: string;
let data: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-command-line-'));
  data = join(folder, 'data');
});
afterEach(() => rm(folder, { recursive: true }));

/** What a relay leaves that was started and stopped. */
async function leaveRelay(): Promise<void> {
  await keepSecrets(data, (length) => crypto.getRandomValues(new Uint8Array(length)));
  await openSqliteStores(data).close();
}

async function run(words: string) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommandLine(words.split(' '), {
    terminal: {
      print: (line) => void out.push(line),
      complain: (line) => void err.push(line),
      ask: async () => undefined,
    },
    readConfig: () => readConfig({ SOTTO_DATA_DIR: data }),
    pageFolder: folder,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

it.each([
  'user',
  'user frobnicate alice',
  'user disable',
  'user disable alice bob',
  'user list --yes',
  'user list --uses 3',
  'invite --uses 0',
  'invite --uses 10001',
  'invite --days 366',
  'invite --uses 1e3',
  'doctor now',
  '--frobnicate',
  '__proto__',
  'constructor',
])('[OPER9] %s is not understood, and what there is is said', async (words) => {
  expect(await run(words)).toEqual({
    code: 2,
    out: '',
    err: expect.stringContaining('secrets rotate-jwt'),
  });
});

it.each(['--help', '-h', 'user list --help', 'user --help'])('[OPER9] %s helps', async (words) => {
  expect(await run(words)).toEqual({
    code: 0,
    out: expect.stringContaining('secrets rotate-jwt'),
    err: '',
  });
});

it('[OPER5] [OPER9] names that nobody has, or could have, are unknown', async () => {
  await mkdir(data);
  await leaveRelay();
  for (const words of [
    'user disable nobody',
    'user enable $(x)',
    'user delete Nobody --yes',
    'user delete ../x -y',
  ]) {
    expect(await run(words)).toEqual({ code: 1, out: '', err: 'there is no user of that name' });
  }
});

it('[OPER1] takes something else of that name for no relay', async () => {
  await mkdir(data);
  await leaveRelay();
  await writeFile(join(data, 'operator.sock'), 'not a socket');
  expect(await run('user list')).toEqual({ code: 0, out: '', err: '' });
});
