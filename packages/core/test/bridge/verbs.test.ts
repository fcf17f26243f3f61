import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { VERB_SCHEMAS } from '../../src/bridge/verb-schemas.ts';
import { VERBS } from '../../src/bridge/verbs.ts';
import type { VerbName } from '../../src/chat/chat.ts';

/** Members of inputs and outputs that nobody but the person and their own tab may hold. */
const SECRETS = new Set([
  'password',
  'next',
  'passphrase',
  'code',
  'recoveryCodes',
  'prf',
  'response',
  'secret',
  'uri',
]);
/** `key` is a conversation's elsewhere. */
const isSecret = (verb: VerbName, name: string) =>
  SECRETS.has(name) || (name === 'key' && /Key|Reset|verifySignIn/.test(verb));

/** The names of all members of a shape, however deep. */
function namesIn(shape: z.ZodType): string[] {
  const names: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties } = node as { properties?: object };
    if (properties !== undefined) names.push(...Object.keys(properties));
    for (const value of Object.values(node)) walk(value);
  };
  walk(z.toJSONSchema(shape, { unrepresentable: 'any', io: 'input' }));
  return names;
}

describe('the table of verbs', () => {
  it('[BRIDGE8] whatever takes or gives a secret runs in the tab where it was typed', () => {
    const verbs = Object.keys(VERBS) as VerbName[];
    const secret = verbs.filter((verb) => {
      const { input, output } = VERB_SCHEMAS[verb];
      return [...namesIn(input), ...namesIn(output)].some((name) => isSecret(verb, name));
    });
    expect(secret.length).toBeGreaterThan(20);
    expect(secret.filter((verb) => VERBS[verb].runs !== 'here')).toEqual([]);
  });
});
