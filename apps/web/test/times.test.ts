import { describe, expect, it } from 'vitest';
import { dayText, listTimeText } from '../src/chat/times.ts';

const now = new Date(2026, 10, 23, 9, 30).getTime();
const at = (...date: [number, number, number, number?]) => new Date(...date).getTime();

describe('the words between days', () => {
  it('[WEB7] today and yesterday go by the calendar, not by 24 hours', () => {
    expect(dayText(at(2026, 10, 23, 0), now)).toBe('Today');
    expect(dayText(at(2026, 10, 22, 23), now)).toBe('Yesterday');
    expect(dayText(at(2026, 10, 22, 0), now)).toBe('Yesterday');
  });

  it('[WEB7] then the weekday for a week, then the date, with the year when it is another one', () => {
    expect(dayText(at(2026, 10, 20), now)).toBe('Friday');
    expect(dayText(at(2026, 10, 17), now)).toBe('Tuesday');
    expect(dayText(at(2026, 10, 16), now)).toMatch(/Monday.*16 November$/);
    expect(dayText(at(2025, 10, 23), now)).toBe('23 November 2025');
  });

  it('[WEB7] a clock that runs ahead shows a date, not a negative day', () => {
    expect(dayText(at(2026, 10, 25), now)).toMatch(/Wednesday.*25 November$/);
  });

  it('is short in the list', () => {
    expect(listTimeText(at(2026, 10, 22), now)).toBe('Yesterday');
    expect(listTimeText(at(2026, 10, 19), now)).toBe('Thu');
    expect(listTimeText(at(2026, 9, 1), now)).toBe('1 Oct');
  });
});
