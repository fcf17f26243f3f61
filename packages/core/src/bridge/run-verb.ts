import { type Chat, ChatError } from '../chat/chat.ts';
import { StoreError } from '../store/record-store.ts';
import type { CallResult } from './messages.ts';
import { VERB_SCHEMAS } from './verb-schemas.ts';
import { isVerbName } from './verbs.ts';

/** The one dispatcher: parses, runs, and turns whatever happens into a result. Never rejects. */
export async function runVerb(chat: Promise<Chat>, verb: string, input: unknown): Promise<CallResult> {
  const parsed = isVerbName(verb) ? VERB_SCHEMAS[verb].input.safeParse(input) : undefined;
  if (!isVerbName(verb) || parsed?.success !== true) return { ok: false, code: 'internal' };
  try {
    const run = (await chat)[verb] as (input: unknown) => Promise<unknown>;
    return { ok: true, value: await run(parsed.data) };
  } catch (error) {
    if (error instanceof StoreError && error.code === 'quota') return { ok: false, code: 'storage_full' };
    if (!(error instanceof ChatError)) return { ok: false, code: 'internal' };
    return error.retryAfter === undefined
      ? { ok: false, code: error.code }
      : { ok: false, code: error.code, retryAfter: error.retryAfter };
  }
}

/** What another tab says a verb gave: `internal` unless it has the verb's shape. */
export function readResult(verb: string, result: CallResult): CallResult {
  if (!result.ok) return result;
  const fits = isVerbName(verb) && VERB_SCHEMAS[verb].output.safeParse(result.value).success;
  return fits ? result : { ok: false, code: 'internal' };
}
