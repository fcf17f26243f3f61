import type { Refusal } from '@sotto/protocol';
import type { Challenge } from 'altcha-lib';
import { ChatError } from '../chat/chat.ts';
import { errorOfRefusal } from '../chat/refusals.ts';
import type { RelayHttp, Unreachable } from '../link/relay-link.ts';

/** A relay that asks for more than this asks for nothing sensible. Milliseconds. */
const PATIENCE = 60_000;
/** Iterations of one try, spent anew for every 32 bytes of its key: without bounds one try alone could hold this thread for hours. */
const COST_LIMIT = 1_000_000;
const KEY_LIMIT = 32;

type Answer<T> = { readonly ok: true; readonly value: T } | Refusal | Unreachable;

/** Asks with a proof of work; one that was too old when it came is made again, once. Throws ChatError. */
export async function askWithWork<T>(http: RelayHttp, ask: (work: string) => Promise<Answer<T>>): Promise<T> {
  const first = await ask(await proveWork(http));
  const answer = !first.ok && first.code === 'work_invalid' ? await ask(await proveWork(http)) : first;
  if (!answer.ok) throw errorOfRefusal(answer);
  return answer.value;
}

/**
 * A proof-of-work challenge of the relay, solved: JSON of challenge and solution, good once. The challenge is the relay's word:
 * what this build does not know, or cannot solve in a minute, throws `attempt_over`.
 */
async function proveWork(http: RelayHttp): Promise<string> {
  const answer = await http.call('challenge', {});
  if (!answer.ok) throw errorOfRefusal(answer);
  const challenge = parseChallenge(answer.value.challenge);
  const [{ solveChallenge }, { deriveKey }] = await Promise.all([
    import('altcha-lib'),
    import('altcha-lib/algorithms/web/pbkdf2'),
  ]);
  try {
    const solution = await solveChallenge({ challenge, deriveKey, timeout: PATIENCE });
    if (solution !== null) return JSON.stringify({ challenge, solution });
  } catch (thrown) {
    throw new ChatError('attempt_over', { cause: thrown });
  }
  throw new ChatError('attempt_over', { cause: 'work_too_hard' });
}

function parseChallenge(text: string): Challenge {
  try {
    const challenge = JSON.parse(text) as Challenge;
    const { cost, keyLength = KEY_LIMIT } = challenge.parameters;
    if (cost <= COST_LIMIT && keyLength <= KEY_LIMIT) return challenge;
  } catch {
    // No JSON, or none of a challenge.
  }
  throw new ChatError('attempt_over', { cause: 'work_unknown' });
}
