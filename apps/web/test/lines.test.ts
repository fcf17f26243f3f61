import type { ConversationView, MessageView } from '@sotto/core/page';
import { describe, expect, it } from 'vitest';
import { firstUnread, lineState, noticeText, shapeLine } from '../src/features/thread/lines.ts';

const MINUTE = 60_000;
const noon = new Date(2026, 10, 23, 12).getTime();

function line(change: Partial<MessageView> = {}): MessageView {
  const base = {
    id: '00',
    index: 0,
    kind: 'text',
    mine: false,
    sender: 'bob',
    text: 'hi',
    time: noon,
  } as const;
  return { ...base, state: 'received', ...change };
}

describe('how lines stand together', () => {
  it('[WEB8] one sender within five minutes is one group', () => {
    const first = line();
    const second = line({ time: noon + 4 * MINUTE });
    expect(shapeLine(undefined, first, second, true)).toEqual({
      startsDay: true,
      startsGroup: true,
      endsGroup: false,
    });
    expect(shapeLine(first, second, undefined, false)).toEqual({
      startsDay: false,
      startsGroup: false,
      endsGroup: true,
    });
  });

  it.each([
    ['another sender', { sender: 'alice' }],
    ['five minutes', { time: noon + 5 * MINUTE }],
    ['a notice', { kind: 'notice' as const }],
    ['a gap', { kind: 'gap' as const }],
  ])('[WEB8] %s ends a group', (_what, change) => {
    expect(shapeLine(line(), line(change), undefined, false).startsGroup).toBe(true);
    expect(shapeLine(undefined, line(), line(change), false).endsGroup).toBe(true);
  });

  it('[WEB7] [WEB8] midnight begins a day and a group', () => {
    const midnight = new Date(2026, 10, 24).getTime();
    const shape = shapeLine(
      line({ time: midnight - MINUTE }),
      line({ time: midnight + MINUTE }),
      undefined,
      false,
    );
    expect(shape).toMatchObject({ startsDay: true, startsGroup: true });
  });

  it('[WEB7] no day is announced below a line that is not read yet', () => {
    expect(shapeLine(undefined, line(), undefined, false).startsDay).toBe(false);
  });
});

describe('the state of a line', () => {
  it('[WEB9] is delivered up to the index that the other side has', () => {
    const mine = line({ mine: true, state: 'sent', index: 4 });
    expect(lineState(mine, 3)).toBe('sent');
    expect(lineState(mine, 4)).toBe('delivered');
  });

  it('[WEB9] stays queued or failed, and received lines stay received', () => {
    expect(lineState(line({ mine: true, state: 'queued', index: undefined }), 9)).toBe('queued');
    expect(lineState(line({ mine: true, state: 'failed', index: 4 }), 9)).toBe('failed');
    expect(lineState(line({ index: 4 }), 9)).toBe('received');
  });
});

it('[WEB13] the first new line follows from the counts, and absurd counts give none', () => {
  const counts = (total: number, unread: number) => ({ total, unread }) as ConversationView;
  expect(firstUnread(counts(10, 3))).toBe(7);
  expect(firstUnread(counts(10, 0))).toBeUndefined();
  expect(firstUnread(counts(2, 3))).toBeUndefined();
});

it('[WEB26] a notice says whose device came or went', () => {
  const notice = line({ kind: 'notice', text: 'joined with device 3f2a10bb' });
  expect(noticeText(notice, 'bob')).toBe('bob joined with device 3f2a10bb');
  expect(noticeText({ ...notice, mine: true }, 'bob')).toBe('You joined with device 3f2a10bb');
});
