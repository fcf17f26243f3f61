import type { AccountNoticeView } from '@sotto/core/page';

interface NoticeText {
  readonly title: string;
  /** Goes after the time: “today at 14:03, …”. */
  readonly what: (device: string | undefined) => string;
}

/** What happened to the account elsewhere, calmly: most of these were the person. */
export const NOTICE_TEXTS: Record<AccountNoticeView['kind'], NoticeText> = {
  new_sign_in: {
    title: 'New sign-in to your account',
    what: (device) => `on ${device ?? 'a device'}`,
  },
  new_device: {
    title: 'A device was added to your account',
    what: (device) => `it is ${device ?? 'a new one'}`,
  },
  password_changed: {
    title: 'Your password was changed',
    what: () => 'not from this device',
  },
  factors_changed: {
    title: 'How you sign in was changed',
    what: () => 'not from this device',
  },
  email_changed: {
    title: 'Your e-mail address was changed',
    what: () => 'not from this device',
  },
};

/** The first digits of a device, as they stand everywhere. */
export function noticeDevice(device: string | undefined): string | undefined {
  return device === undefined ? undefined : `device ${device.slice(0, 8)}`;
}
