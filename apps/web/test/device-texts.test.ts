import type { DeviceView } from '@sotto/core/page';
import { describe, expect, it } from 'vitest';
import { agoText } from '../src/chat/ago.ts';
import { deviceName, methodText, sessionText } from '../src/features/devices/device-texts.ts';

const now = new Date(2026, 10, 23, 12, 0).getTime();
const MINUTE = 60_000;

describe('how long ago', () => {
  it('[WEB55] in words', () => {
    expect(agoText(now - MINUTE, now)).toBe('just now');
    expect(agoText(now - 59 * MINUTE, now)).toBe('59 minutes ago');
    expect(agoText(now - 3 * 60 * MINUTE, now)).toMatch(/^today at .*9:00/);
    expect(agoText(now - 13 * 60 * MINUTE, now)).toMatch(/^yesterday at .*11:00/);
    expect(agoText(now - 3 * 24 * 60 * MINUTE, now)).toBe('on Friday');
  });

  it('[WEB55] a relay whose clock runs ahead is never in the future', () => {
    expect(agoText(now + 10 * MINUTE, now)).toBe('just now');
  });
});

describe('a device', () => {
  const session = { id: '5e01', shared: false, openedAt: now, renewedAt: now - 5 * MINUTE };
  const phone: DeviceView = { device: '4f1a20c7d0', name: 'Phone', current: false, session };

  it('[WEB55] goes by its name, or by the first digits of its id', () => {
    expect(deviceName(phone)).toBe('Phone');
    expect(deviceName({ ...phone, name: undefined })).toBe('Device 4f1a20c7');
  });

  it('[WEB55] is signed in or out, on a shared computer or not', () => {
    expect(sessionText(phone, now)).toBe('Signed in, last active 5 minutes ago');
    expect(sessionText({ ...phone, current: true }, now)).toBe('Signed in');
    expect(sessionText({ ...phone, session: undefined }, now)).toBe('Signed out');
    expect(sessionText({ ...phone, session: { ...session, shared: true } }, now)).toContain(
      'shared computer',
    );
  });

  it('[WEB55] a method that this page does not know is shown as it came', () => {
    expect(methodText('totp')).toBe('password and authenticator app');
    expect(methodText('smoke_signal')).toBe('smoke_signal');
    expect(methodText('toString')).toBe('toString');
  });
});
