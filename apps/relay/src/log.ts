/** A structured log, as pino has it. Nothing that names a person or opens anything is ever given to it. */
export interface Log {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

/** An error without its text: texts may quote what a client sent. Where it happened is enough to find it. */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  const code = 'code' in error ? String(error.code) : undefined;
  return { error: error.name, code, at: frames.slice(0, 8).map((line) => line.trim()) };
}
