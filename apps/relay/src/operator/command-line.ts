import { parseArgs } from 'node:util';
import { ConfigError } from '../config.ts';
import { type Call, COMMANDS, type Command, type CommandOptions } from './commands.ts';

export type CommandLineDeps = Pick<Call, 'terminal' | 'readConfig' | 'pageFolder'>;

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  yes: { type: 'boolean', short: 'y' },
  uses: { type: 'string' },
  days: { type: 'string' },
} as const;

const FAILED = 1;
const MISUSED = 2;

/** Runs one command. Answers the exit code: 0, 1 when it failed or found something wrong, 2 when it was not understood. */
export async function runCommandLine(words: readonly string[], deps: CommandLineDeps): Promise<number> {
  const { terminal } = deps;
  const parsed = parseWords(words);
  if (typeof parsed === 'string') {
    terminal.complain(`${parsed}\n\n${describeCommands()}`);
    return MISUSED;
  }
  if (parsed === undefined) {
    terminal.print(describeCommands());
    return 0;
  }
  try {
    return (await parsed.command.run({ ...deps, ...parsed })) ? 0 : FAILED;
  } catch (error) {
    terminal.complain(explain(error));
    return FAILED;
  }
}

type Parsed = { readonly command: Command; readonly name: string; readonly options: CommandOptions };

/** A text says what is not understood; undefined asks for help. */
function parseWords(words: readonly string[]): Parsed | string | undefined {
  const parsed = parseOptions(words);
  if (typeof parsed === 'string') return parsed;
  const { values, positionals } = parsed;
  if (values.help || positionals.length === 0) return undefined;
  // The longest that fits: `invite list` before `invite`.
  const found = [2, 1]
    .map((length) => positionals.slice(0, length).join(' '))
    .find((words) => Object.hasOwn(COMMANDS, words));
  const command = found === undefined ? undefined : COMMANDS[found];
  if (found === undefined || command === undefined)
    return `there is no command ${positionals.slice(0, 2).join(' ')}`;
  const rest = positionals.slice(found.split(' ').length);
  if (rest.length !== (command.takesName ? 1 : 0)) return `expected: sotto ${found}${command.usage}`;
  const unknown = Object.keys(values).find((option) => !command.options.includes(option as never));
  if (unknown !== undefined) return `--${unknown} says nothing to sotto ${found}`;
  const numbers = readNumbers(values);
  return typeof numbers === 'string'
    ? numbers
    : { command, name: rest[0] ?? '', options: { ...numbers, yes: values.yes === true } };
}

function parseOptions(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function readNumbers(values: { uses?: string; days?: string }): { uses: number; days: number } | string {
  for (const [option, most] of [
    ['uses', 10_000],
    ['days', 365],
  ] as const) {
    const value = values[option];
    if (value !== undefined && !(/^[1-9]\d{0,4}$/.test(value) && Number(value) <= most)) {
      return `--${option}: expected a number from 1 to ${most}`;
    }
  }
  return { uses: Number(values.uses ?? 1), days: Number(values.days ?? 7) };
}

function describeCommands(): string {
  const lines = Object.entries(COMMANDS).map(
    ([name, { usage, does }]) => `  ${`${name}${usage}`.padEnd(34)} ${does}`,
  );
  return [
    'sotto: for whoever runs a relay. Reads the settings that the relay reads (SOTTO_DATA_DIR and so on), asks the relay',
    'that runs on that data folder, and opens the data itself when none does.',
    '',
    ...lines,
  ].join('\n');
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EACCES' || code === 'EPERM')
    return 'SOTTO_DATA_DIR: this user may not use it; run this as the user of the relay';
  return error instanceof Error ? error.message : String(error);
}
