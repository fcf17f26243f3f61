// What the documents promise is there: in docs/accounts.md every attack names a test that exists under exactly that title, and
// no page links to a file that is gone.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listSources } from './sources.ts';

const ACCOUNTS = 'docs/accounts.md';
const problems: string[] = [];
const attacks = checkAttacks(readFileSync(ACCOUNTS, 'utf8'));
for (const page of listSources('*.md', '**/*.md')) checkLinks(page, readFileSync(page, 'utf8'));
for (const problem of problems) console.error(problem);
if (problems.length === 0) console.log(`${attacks} attacks, each with its test`);
process.exitCode = problems.length === 0 && attacks > 0 ? 0 : 1;

/** Rows of the tables whose last column is called `test`: `file`: “title”, “title”; `file`: … How many there are. */
function checkAttacks(text: string): number {
  let rows = 0;
  let inTable = false;
  for (const [at, line] of text.split('\n').entries()) {
    const cells = line.startsWith('|') ? line.split('|').slice(1, -1) : [];
    if (cells.length === 0) inTable = false;
    if (cells.at(-1)?.trim() === 'test') inTable = true;
    else if (inTable && !/^[\s|-]*$/.test(line)) {
      rows += 1;
      checkTests(`${ACCOUNTS}:${at + 1}`, cells.at(-1) ?? '');
    }
  }
  return rows;
}

function checkTests(where: string, cell: string): void {
  // Whatever is left when files and titles are taken out is a name that was mistyped, or no test.
  const left = cell.replaceAll(/`[^`]+\.(test|spec)\.ts`: (“[^”]+”(, )?)+/g, '').replaceAll(/[;\s]/g, '');
  if (left !== '') problems.push(`${where}: not of the form \`file\`: “title”: ${left}`);
  const tests = [...cell.matchAll(/`([^`]+)`: ((?:“[^”]+”(?:, )?)+)/g)];
  if (tests.length === 0) problems.push(`${where}: an attack without a test`);
  for (const [, file = '', titles = ''] of tests) {
    if (!existsSync(file)) problems.push(`${where}: there is no ${file}`);
    else for (const [, title = ''] of titles.matchAll(/“([^”]+)”/g)) checkTitle(where, file, title);
  }
}

/** The title as it stands in the source, between quotes of one kind, behind `it` or `test`. */
function checkTitle(where: string, file: string, title: string): void {
  const source = readFileSync(file, 'utf8');
  const found = ["'", '"', '`'].some((quote) => source.includes(`(${quote}${title}${quote}`));
  const wrapped = ["'", '"', '`'].some((quote) => source.includes(`\n    ${quote}${title}${quote},\n`));
  if (!found && !wrapped) problems.push(`${where}: ${file} has no test “${title}”`);
}

function checkLinks(page: string, text: string): void {
  for (const [, link = ''] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)) {
    if (!existsSync(join(dirname(page), link))) problems.push(`${page}: ${link} is not there`);
  }
}
