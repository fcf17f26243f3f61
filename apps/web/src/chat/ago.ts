import { clockText, dayText } from './times.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How long ago, in words. A clock that runs behind says “just now”, never a negative time. */
export function agoText(time: number, now: number): string {
  const passed = now - time;
  if (passed < 2 * MINUTE) return 'just now';
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} minutes ago`;
  const day = dayText(time, now);
  if (day === 'Today') return `today at ${clockText(time)}`;
  if (day === 'Yesterday') return `yesterday at ${clockText(time)}`;
  return `on ${day}`;
}
