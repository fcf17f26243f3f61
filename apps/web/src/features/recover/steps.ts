import type { FactorMethod, ResetStep, RestoreWay } from '@sotto/core/page';
import type { FailureText } from '../../chat/failure-texts.ts';

/** What brings the identity back, as chosen. The passkey itself is asked at the very end: its secret stays nowhere. */
export type Restore = 'known' | 'new_identity' | 'passkey' | { readonly key: string };

interface Choice {
  readonly ways: readonly RestoreWay[];
  readonly passkey: string | undefined;
  /** Why a way that was chosen before did not do. */
  readonly failure?: FailureText | undefined;
}

export type RecoverStep =
  | { readonly at: 'name' }
  | { readonly at: 'proof' }
  | {
      readonly at: 'factor';
      readonly methods: readonly FactorMethod[];
      readonly passkey: string | undefined;
    }
  | (Choice & { readonly at: 'identity' })
  | (Choice & { readonly at: 'password'; readonly restore: Restore });

/** The step that an answer of the relay leads to: nothing is asked about an identity that is at hand. */
export function afterProof(answer: ResetStep): RecoverStep {
  if (answer.state === 'second_factor')
    return { at: 'factor', methods: answer.methods, passkey: answer.passkey };
  const choice = { ways: answer.ways, passkey: answer.passkey };
  return answer.known ? { ...choice, at: 'password', restore: 'known' } : { ...choice, at: 'identity' };
}
