import { type DestinationStream, pino } from 'pino';
import type { Log } from './log.ts';

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
const LOG_FORMATS = ['json', 'pretty'] as const;

/** How much is logged, and for whom: `json` for programs, `pretty` for people. */
export interface LogChoice {
  readonly level: (typeof LOG_LEVELS)[number];
  readonly format: (typeof LOG_FORMATS)[number];
}

/** Reads `pretty`, `warn` or `pretty:warn`. Undefined for anything else. */
export function readLogChoice(text: string): LogChoice | undefined {
  const words = text.split(':');
  const format = LOG_FORMATS.find((name) => name === words[0]);
  const rest = format === undefined ? words : words.slice(1);
  const level = LOG_LEVELS.find((name) => name === rest[0]);
  if (rest.length > 1 || (rest.length === 1 && level === undefined)) return undefined;
  return { level: level ?? 'info', format: format ?? 'json' };
}

/** A log that writes a line for each event. */
export function openLog({ level, format }: LogChoice, out: DestinationStream): Log {
  const lines = format === 'json' ? out : { write: (line: string) => out.write(`${prettify(line)}\n`) };
  return pino({ level, base: null }, lines);
}

const LEVEL_NAMES: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'WARN', 50: 'ERROR' };

/** A line of JSON as people read it: `12:30:05.120 info  answered  status=200 ms=3`. Values that are no plain words stay JSON. */
export function prettify(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const when = new Date(Number(time)).toISOString().slice(11, 23);
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${showValue(value)}`);
  const name = LEVEL_NAMES[Number(level)] ?? String(level);
  return [when, name.padEnd(5), String(msg), ...(shown.length > 0 ? ['', ...shown] : [])].join(' ');
}

function showValue(value: unknown): string {
  return typeof value === 'string' && /^[\w./:-]+$/.test(value) ? value : JSON.stringify(value);
}
