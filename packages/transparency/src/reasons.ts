/** Every reason for which a chain is refused, in the order of checking. SPEC.md says what each means; a test keeps both lists equal. */
export const CHAIN_REASONS = [
  'truncated',
  'empty',
  'too_long',
  'too_large',
  'malformed',
  'version_unknown',
  'op_unknown',
  'trailing_bytes',
  'label_mismatch',
  'seq_gap',
  'prev_mismatch',
  'chain_closed',
  'op_misplaced',
  'device_unknown',
  'device_already_revoked',
  'signer_not_allowed',
  'key_reused',
  'device_reused',
  'key_invalid',
  'bad_signature',
  'bad_proof',
  'forked',
] as const;

export type ChainReason = (typeof CHAIN_REASONS)[number];

/** Thrown for broken contracts only: what a relay may send is answered as a value. The code is the contract. */
export class ChainError extends Error {
  readonly code: ChainReason;

  constructor(code: ChainReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ChainError';
    this.code = code;
  }
}
