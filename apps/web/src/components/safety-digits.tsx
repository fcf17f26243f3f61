import './safety-digits.css';

/** Sixty digits in twelve groups of five, read row by row. Anything else is shown as it is. */
export function SafetyDigits({
  digits,
  small = false,
}: {
  readonly digits: string;
  readonly small?: boolean;
}) {
  const groups = digits.replace(/\s+/g, '').match(/.{1,5}/g) ?? [];
  return (
    <p className={small ? 'safety-digits safety-digits-small' : 'safety-digits'}>
      {groups.map((group, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a group is its place; equal groups may repeat
        <span key={place}>{group} </span>
      ))}
    </p>
  );
}
