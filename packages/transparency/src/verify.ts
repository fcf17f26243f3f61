import { applyStatement } from './apply.ts';
import { equalBytes, exactBytes } from './bytes.ts';
import { CHAIN_LIMITS } from './limits.ts';
import type { ChainReason } from './reasons.ts';
import { hashStatement } from './signing.ts';
import type { ChainState } from './state.ts';
import { decodeStatement } from './statement.ts';

/** `at`: seq of the first statement that is refused or missing. */
export type ChainResult =
  | { readonly ok: true; readonly state: ChainState }
  | { readonly ok: false; readonly reason: ChainReason; readonly at: number };

/**
 * A whole chain from seq 0. The relay chooses every byte and how many; nothing of a refused chain may be used.
 * Says that the list is *a* chain of the account, not that it is the one seen before: see `compareToPinned`.
 * @param account 16 bytes; another length throws `ChainError`.
 */
export function verifyChain(account: Uint8Array, statements: readonly Uint8Array[]): ChainResult {
  if (statements.length === 0) return { ok: false, reason: 'empty', at: 0 };
  return applyAll(exactBytes(account, 16), undefined, statements);
}

/** Further statements upon a state verified before, without the earlier ones. None is fine: the same state. */
export function extendChain(state: ChainState, statements: readonly Uint8Array[]): ChainResult {
  return applyAll(state.account, state, statements);
}

function applyAll(
  account: Uint8Array,
  before: ChainState | undefined,
  statements: readonly Uint8Array[],
): ChainResult {
  const start = before === undefined ? 0 : before.head.seq + 1;
  if (start + statements.length > CHAIN_LIMITS.statements) {
    return { ok: false, reason: 'too_long', at: CHAIN_LIMITS.statements };
  }
  let state = before;
  for (const [i, bytes] of statements.entries()) {
    const applied = applyStatement(account, state, bytes);
    if (!applied.ok) return { ok: false, reason: applied.reason, at: start + i };
    state = applied.state;
  }
  return state === undefined ? { ok: false, reason: 'empty', at: 0 } : { ok: true, state };
}

/**
 * A whole list as the relay tells it now, against the state pinned earlier. `forked`: a second, valid history of this
 * account; `truncated`: fewer statements than were seen; any other reason: no chain at all. Each refusal is an alarm,
 * never a reason to forget the pin. Signatures under the pinned head are not verified again: its hash commits to them.
 */
export function compareToPinned(pinned: ChainState, statements: readonly Uint8Array[]): ChainResult {
  const { seq } = pinned.head;
  if (statements.length <= seq) return { ok: false, reason: 'truncated', at: statements.length };
  if (statements.length > CHAIN_LIMITS.statements) {
    return { ok: false, reason: 'too_long', at: CHAIN_LIMITS.statements };
  }
  if (endsIn(pinned.head.hash, statements.slice(0, seq + 1))) {
    return extendChain(pinned, statements.slice(seq + 1));
  }
  const other = verifyChain(pinned.account, statements);
  return other.ok ? { ok: false, reason: 'forked', at: seq } : other;
}

/** Whether the list is linked, each by its hash, up to a last statement with this hash. Walks from the trusted end back. */
function endsIn(hash: Uint8Array, statements: readonly Uint8Array[]): boolean {
  let expected = hash;
  for (const bytes of statements.toReversed()) {
    const decoded = decodeStatement(bytes);
    if (!decoded.ok || !equalBytes(hashStatement(bytes), expected)) return false;
    expected = decoded.statement.prev;
  }
  return true;
}
