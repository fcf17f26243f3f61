import { z } from 'zod';
import type { VerbName } from '../chat/chat.ts';
import type { InputOf, OutputOf } from './verbs.ts';

/** What one verb takes and gives. */
export interface VerbSchema<N extends VerbName> {
  readonly input: z.ZodType<InputOf<N>>;
  readonly output: z.ZodType<OutputOf<N> | undefined>;
}

export const nothing = z.strictObject({}) as z.ZodType<Record<string, never>>;
export const done = z.undefined();
