// Arrows between rooms point one way (design: web → core → protocol, transparency; relay → protocol, transparency), and
// each outside library is met in one folder only. Types count. Cycles are the linter's (noImportCycles).
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listSources } from './sources.ts';

/** Who may import which room, through its public doors. */
const ROOMS: Record<string, readonly string[]> = {
  'packages/protocol/src': [],
  'packages/transparency/src': [],
  'packages/core/src': ['@sotto/protocol', '@sotto/transparency'],
  'apps/relay/src': ['@sotto/protocol', '@sotto/transparency'],
  'apps/web/src': ['@sotto/core'],
  examples: ['@sotto/core'],
};

/** Libraries that only some folders may import. */
const LIBRARIES: readonly (readonly [library: RegExp, ...folders: string[]])[] = [
  [/^ts-mls(\/|$)/, 'packages/core/src/mls/', 'packages/core/test/mls/', 'bench/crypto'],
  [/^node:sqlite$/, 'apps/relay/src/store/sqlite/'],
  [/^mongodb$/, 'apps/relay/src/store/mongodb/'],
  [/^(redis|@redis\/.*|rate-limiter-flexible)$/, 'apps/relay/src/store/redis/'],
  [/^nodemailer(\/|$)/, 'apps/relay/src/mail/'],
  [/^(fastify|@fastify\/.*|fastify-.*)$/, 'apps/relay/src/http/'],
  [/^socket\.io$/, 'apps/relay/src/realtime/', 'bench/relay'],
  [/^socket\.io-client$/, 'packages/core/src/drivers/', 'bench/relay'],
  [/^(react|react-dom|react-aria.*)(\/|$)/, 'apps/web/'],
  [/^@wireapp\/core-crypto/, 'tests/interop/'],
];

/** Globals that only drivers may touch. */
const GLOBALS: readonly (readonly [global: RegExp, ...folders: string[]])[] = [
  [/\bindexedDB\b/, 'packages/core/src/drivers/', 'packages/core/src/worker.ts'],
];

const problems: string[] = [];
for (const path of listSources('*.ts', '*.tsx')) {
  const text = readFileSync(path, 'utf8');
  for (const specifier of importsOf(text)) {
    checkLibrary(path, specifier);
    checkRoom(path, specifier);
  }
  if (/^(packages|apps)\/[^/]+\/src\//.test(path)) checkGlobals(path, text);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

function importsOf(text: string): string[] {
  const found = text.matchAll(/(?:\bfrom|^import|\bimport\()\s*['"]([^'"]+)['"]/gm);
  return [...found].map((match) => match[1] ?? '');
}

function checkLibrary(path: string, specifier: string): void {
  const rule = LIBRARIES.find(([library]) => library.test(specifier));
  if (rule === undefined) return;
  const [, ...folders] = rule as [RegExp, ...string[]];
  const isTest = /(^tests\/|\/test\/)/.test(path) && !specifier.startsWith('ts-mls');
  if (!isTest && !folders.some((folder) => path.startsWith(folder))) {
    problems.push(`${path}: ${specifier} may be imported only in ${folders.join(', ')}`);
  }
}

function checkRoom(path: string, specifier: string): void {
  const room = Object.keys(ROOMS).find((folder) => path.startsWith(`${folder}/`));
  const target = specifier.startsWith('.') ? join(dirname(path), specifier) : specifier;
  if (room === undefined) {
    if (/^(tests|bench|tools)\//.test(path) && /^(packages|apps)\/[^/]+\/src\//.test(target)) {
      problems.push(`${path}: ${target} is behind a door; import the package`);
    }
    return;
  }
  if (specifier.startsWith('.') && !target.startsWith(`${room}/`))
    problems.push(`${path}: ${target} is outside ${room}`);
  const allowed = ROOMS[room] ?? [];
  const isRoom = /^@sotto\//.test(specifier);
  if (isRoom && !allowed.some((door) => specifier === door || specifier.startsWith(`${door}/`))) {
    problems.push(`${path}: ${room} may not import ${specifier}`);
  }
}

function checkGlobals(path: string, text: string): void {
  for (const [global, ...folders] of GLOBALS as readonly (readonly [RegExp, ...string[]])[]) {
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    if (global.test(code) && !folders.some((folder) => path.startsWith(folder))) {
      problems.push(`${path}: ${global.source} may be used only in ${folders.join(', ')}`);
    }
  }
}
