import { describe, expect, it } from 'vitest';
import { takeInvite } from '../src/chat/invite.ts';

const INVITE = 'kq3_-9'.repeat(8).slice(0, 43);

/** An address bar, and what it says after each change. */
function address(hash: string) {
  const said: string[] = [];
  const replaceState = (_state: unknown, _title: string, url?: string | URL | null) => {
    said.push(String(url));
  };
  return {
    said,
    place: { hash, pathname: '/', search: '?a=1' },
    history: { replaceState, state: { kept: 1 } },
  };
}

describe('the invitation of a link', () => {
  it('[WEB29] is read, and taken out of the address', () => {
    const { said, place, history } = address(`#invite=${INVITE}`);
    expect(takeInvite(place, history)).toBe(INVITE);
    expect(said).toEqual(['/?a=1']);
  });

  it.each(['', 'short', `${INVITE}A`, `${INVITE.slice(1)}<`, `${INVITE.slice(1)}=`])(
    '[WEB29] is none when it is not 32 bytes (%j), and is taken out all the same',
    (invite) => {
      const { said, place, history } = address(`#invite=${invite}`);
      expect(takeInvite(place, history)).toBeUndefined();
      expect(said).toEqual(['/?a=1']);
    },
  );

  it.each(['', '#', '#other', `#x&invite=${INVITE}`])('[WEB29] leaves another address (%j) alone', (hash) => {
    const { said, place, history } = address(hash);
    expect(takeInvite(place, history)).toBeUndefined();
    expect(said).toEqual([]);
  });
});
