const DAY = 24 * 60 * 60 * 1000;

/** Midnight of the local day, as a number that is equal for equal days. Survives clock changes of the season. */
export function dayOf(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

function daysBetween(earlier: number, later: number): number {
  return Math.round((dayOf(later) - dayOf(earlier)) / DAY);
}

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'long' });
const shortWeekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short' });
const date = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
const dateWithYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
const shortDate = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** The time of day in the person's own habit: 14:03 or 2:03 PM. */
export function clockText(time: number): string {
  return clock.format(time);
}

/** Date and time to the second. */
export function exactText(time: number): string {
  return exact.format(time);
}

/** The words between two days of a thread. */
export function dayText(time: number, now: number): string {
  const days = daysBetween(time, now);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days > 1 && days < 7) return weekday.format(time);
  if (new Date(time).getFullYear() === new Date(now).getFullYear()) return date.format(time);
  return dateWithYear.format(time);
}

/** As short as a list line allows: a clock today, a weekday this week, then a date. */
export function listTimeText(time: number, now: number): string {
  const days = daysBetween(time, now);
  if (days <= 0) return clockText(time);
  if (days === 1) return 'Yesterday';
  if (days < 7) return shortWeekday.format(time);
  return shortDate.format(time);
}
