const longDate = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

/** A date that still says which one it is when the paper is found in ten years. */
export function longDateText(time: number): string {
  return longDate.format(time);
}
