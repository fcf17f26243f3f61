import type { Hint } from '../../realtime/hints.ts';

/**
 * Hints that no message took along yet. Of a log or an inbox the newest is enough. What is too much to keep while others
 * cannot be reached is let go, and they are told that they missed something.
 */
export interface HintOutbox {
  add(hint: Hint): void;
  /** At most `most` of them, to be sent; undefined when there is nothing to say. */
  take(most: number): Outgoing | undefined;
  /** They could not be sent. */
  putBack(outgoing: Outgoing): void;
}

interface Outgoing {
  readonly hints: readonly Hint[];
  readonly missed: boolean;
}

const KEPT = 20_000;
/** Notices are worth something for a while only, and each is kept whole. */
const KEPT_NOTICES = 500;

export function createHintOutbox(): HintOutbox {
  const newest = new Map<string, Exclude<Hint, { kind: 'notice' }>>();
  const notices: Hint[] = [];
  let missed = false;

  const add = (hint: Hint): void => {
    if (hint.kind === 'notice') {
      notices.push(hint);
      if (notices.length > KEPT_NOTICES) notices.shift();
      return;
    }
    const key = keyOf(hint);
    const known = newest.get(key);
    if (known !== undefined && known.seq >= hint.seq) return;
    if (known === undefined && newest.size >= KEPT) missed = true;
    else newest.set(key, hint);
  };
  return {
    add,
    take(most) {
      if (newest.size === 0 && notices.length === 0 && !missed) return undefined;
      const hints: Hint[] = notices.splice(0, most);
      for (const [key, hint] of newest) {
        if (hints.length >= most) break;
        newest.delete(key);
        hints.push(hint);
      }
      const outgoing = { hints, missed };
      missed = false;
      return outgoing;
    },
    putBack(outgoing) {
      missed ||= outgoing.missed;
      for (const hint of outgoing.hints) add(hint);
    },
  };
}

function keyOf(hint: Exclude<Hint, { kind: 'notice' }>): string {
  const parts = hint.kind === 'log' ? [hint.log] : [hint.account, hint.device];
  return parts.map((part) => Buffer.from(part).toString('latin1')).join('');
}
