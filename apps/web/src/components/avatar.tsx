import './avatar.css';

const TONES = 8;

/** The first letter on a tone that comes from the account, not from the name: twins by name differ by tone mostly. */
export function Avatar({ account, name }: { readonly account: string; readonly name: string }) {
  const tone = Number.parseInt(account.slice(0, 4), 16) % TONES;
  return (
    <span className={`avatar tone-${Number.isNaN(tone) ? 0 : tone}`} aria-hidden="true">
      {name.slice(0, 1)}
    </span>
  );
}
