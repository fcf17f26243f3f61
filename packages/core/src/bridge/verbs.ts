import type { VerbName, Verbs } from '../chat/chat.ts';

/** The command table: every verb once. What a verb takes and gives stands in verb-schemas.ts, for the worker alone. */
export const VERBS: { readonly [N in VerbName]: VerbTrait } = {
  register: { runs: 'here' },
  signIn: { runs: 'here' },
  signOut: { runs: 'anywhere' },
  findPeople: { runs: 'anywhere' },
  openDirect: { runs: 'anywhere' },
  sendMessage: { runs: 'anywhere' },
  readMessages: { runs: 'anywhere' },
  markRead: { runs: 'anywhere' },
  safetyNumber: { runs: 'anywhere' },
  setVerified: { runs: 'anywhere' },
  relayView: { runs: 'anywhere' },
  resolveAlarm: { runs: 'anywhere' },
  reconnect: { runs: 'anywhere' },
};

/**
 * `anywhere`: by whichever tab leads, and asked again of the next leader when one goes before it answered; such verbs
 * mean the same twice. `here`: takes a password, which never crosses to another tab: the tab where it was typed takes
 * the lead first, and nobody repeats it.
 */
interface VerbTrait {
  readonly runs: 'anywhere' | 'here';
}

export type InputOf<N extends VerbName> = Parameters<Verbs[N]>[0];
export type OutputOf<N extends VerbName> = Awaited<ReturnType<Verbs[N]>>;

export function isVerbName(name: unknown): name is VerbName {
  return typeof name === 'string' && Object.hasOwn(VERBS, name);
}
