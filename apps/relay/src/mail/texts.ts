/**
 * Every text that a relay mails. Nothing in them is chosen by whoever causes the mail but a user name (`[a-z0-9._-]`), so
 * that nobody can have words of their own sent to others; and no links but the origin, so that nobody learns to click.
 */

export interface MailText {
  readonly subject: string;
  readonly text: string;
}

export interface CodeMail {
  readonly purpose: 'register' | 'sign_in' | 'reset' | 'email';
  /** Of the account; undefined when there is none yet. */
  readonly username: string | undefined;
  readonly code: string;
  /** How long the code serves. */
  readonly minutes: number;
  readonly origin: string;
}

/** Without the code in the subject: that is what a locked phone shows. */
export function codeMail({ purpose, username, code, minutes, origin }: CodeMail): MailText {
  const { subject, why, otherwise } = CODES[purpose];
  return {
    subject,
    text: lines(
      why(username ?? 'your account', origin),
      '',
      `    ${code}`,
      '',
      `It serves once, for ${minutes === 1 ? 'one minute' : `${minutes} minutes`}. Enter it only where you began, on`,
      `${origin} and nowhere else. Nobody will ever ask you for it.`,
      '',
      ...otherwise,
    ),
  };
}

interface CodeWords {
  readonly subject: string;
  why(username: string, origin: string): string;
  /** What to do if it was not you. */
  readonly otherwise: readonly string[];
}

const CODES: Record<CodeMail['purpose'], CodeWords> = {
  register: {
    subject: 'Your code for a new Sotto account',
    why: (_, origin) => `Somebody is making an account at ${origin} with this address. The code:`,
    otherwise: [
      'If it was not you, ignore this mail: without the code nothing is done with your',
      'address.',
    ],
  },
  sign_in: {
    subject: 'Your code for signing in to Sotto',
    why: (username) => `Somebody is signing in to ${username} and has entered the right password. The code:`,
    otherwise: [
      'If it was not you, somebody knows your password: sign in yourself and change it,',
      'under Account. Without the code nobody gets in.',
    ],
  },
  reset: {
    subject: 'Your code for a new Sotto password',
    why: (username) => `Somebody says that they forgot the password of ${username}. The code:`,
    otherwise: [
      'If it was not you, ignore this mail: without the code your password stays. If such',
      'mails keep coming, make sure that nobody else reads this mailbox.',
    ],
  },
  email: {
    subject: 'Your code for this address at Sotto',
    why: (username) => `Somebody wants to give ${username} this address. The code:`,
    otherwise: [
      'If it was not you, ignore this mail: without the code nothing is done with your',
      'address.',
    ],
  },
};

export interface NoticeMail {
  readonly what:
    | 'new_device'
    | 'password_changed'
    | 'reset'
    | 'email_changed'
    | 'factors_changed'
    | 'deleted';
  readonly username: string;
  /** When it happened: milliseconds since 1970. */
  readonly time: number;
  readonly origin: string;
}

export function noticeMail({ what, username, time, origin }: NoticeMail): MailText {
  const { subject, happened, otherwise } = NOTICES[what];
  return {
    subject,
    text: lines(
      `${happened(username)}`,
      `When: ${describeTime(time)}.`,
      '',
      'If it was you, all is well.',
      ...otherwise(origin),
    ),
  };
}

interface NoticeWords {
  readonly subject: string;
  happened(username: string): string;
  otherwise(origin: string): readonly string[];
}

const NOTICES: Record<NoticeMail['what'], NoticeWords> = {
  new_device: {
    subject: 'A new device signed in to your Sotto account',
    happened: (username) => `A device that was not seen before signed in to ${username}.`,
    otherwise: (origin) => [
      `If it was not you: sign in at ${origin} and remove that device, under`,
      'Devices; then change your password.',
    ],
  },
  password_changed: {
    subject: 'The password of your Sotto account was changed',
    happened: (username) => `The password of ${username} was changed, and other sessions were ended.`,
    otherwise: mendByReset,
  },
  reset: {
    subject: 'The password of your Sotto account was reset',
    happened: (username) => `The password of ${username} was set anew by who said it was forgotten.`,
    otherwise: mendByReset,
  },
  email_changed: {
    subject: 'The address of your Sotto account was changed',
    happened: (username) => `The mail address of ${username} was changed; this one no longer belongs to it.`,
    otherwise: (origin) => [
      `If it was not you: sign in at ${origin} and put your address back, under`,
      'Account; then change your password.',
    ],
  },
  factors_changed: {
    subject: 'The second factors of your Sotto account were changed',
    happened: (username) => `How ${username} is protected beside its password was changed.`,
    otherwise: (origin) => [
      `If it was not you: sign in at ${origin} and look at your second factors,`,
      'under Account; then change your password.',
    ],
  },
  deleted: {
    subject: 'Your Sotto account was deleted',
    happened: (username) => `The account ${username} was deleted. Its name is given to nobody else.`,
    otherwise: () => [
      'If it was not you, somebody had your password: change it wherever else you use it,',
      'and tell your contacts.',
    ],
  },
};

function mendByReset(origin: string): readonly string[] {
  return [
    `If it was not you: choose "Forgotten password" at ${origin} at once,`,
    'and look at your devices.',
  ];
}

/** In UTC, which is nobody's guess. */
function describeTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function lines(...of: readonly string[]): string {
  return `${of.join('\n')}\n`;
}
