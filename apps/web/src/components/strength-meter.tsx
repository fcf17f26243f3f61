import type { PasswordVerdict } from '@sotto/core/page';
import './strength-meter.css';

const REASONS: Record<NonNullable<PasswordVerdict['reason']>, string> = {
  too_short: 'Too short: use 12 characters or more.',
  too_common: 'One of the first that anybody tries: choose another.',
  too_guessable: 'Easy to guess: add an unrelated word or two.',
  like_the_name: 'Too close to your username: choose something else.',
};

/** What is said of a new password. Words first: the bars only repeat them. */
export function verdictText({ score, enough, reason }: PasswordVerdict): string {
  if (reason !== undefined) return REASONS[reason];
  if (!enough) return REASONS.too_guessable;
  return score >= 4 ? 'Strong.' : 'Good enough.';
}

/** Bars lit, of four: a password that is refused never looks better than half. */
export function barsOf({ score, enough }: PasswordVerdict): number {
  return enough ? Math.max(3, score) : Math.min(2, Math.max(1, score));
}

/** Under the field of a new password; `undefined`: nothing typed or not judged yet. */
export function StrengthMeter({ verdict }: { readonly verdict: PasswordVerdict | undefined }) {
  const lit = verdict === undefined ? 0 : barsOf(verdict);
  return (
    <div className={verdict?.enough === true ? 'strength strength-enough' : 'strength'}>
      <span className="strength-bars" aria-hidden="true">
        {[1, 2, 3, 4].map((bar) => (
          <span key={bar} className={bar <= lit ? 'strength-bar strength-lit' : 'strength-bar'} />
        ))}
      </span>
      <p className="strength-text" role="status">
        {verdict === undefined ? '' : verdictText(verdict)}
      </p>
    </div>
  );
}
