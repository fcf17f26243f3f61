import { ChatError, type ChatErrorCode } from '@sotto/core/page';

/** What a person is told when something fails: three short sentences, in this order. */
export interface FailureText {
  readonly happened: string;
  readonly safe: string;
  readonly todo: string;
}

/** Every code has its text; a test holds the two sets equal. */
export const FAILURE_TEXTS: Record<ChatErrorCode, FailureText> = {
  wrong_credentials: {
    happened: 'That username and password do not go together.',
    safe: 'Nothing was changed, and your password never left this browser.',
    todo: 'Check both for typing mistakes and try again.',
  },
  username_taken: {
    happened: 'Somebody already has this username.',
    safe: 'No account was made.',
    todo: 'Choose another name, or sign in if it is yours.',
  },
  username_invalid: {
    happened: 'This cannot be a username.',
    safe: 'Nothing was sent.',
    todo: 'Use 3 to 32 letters a–z, digits, dots, dashes or underscores, beginning with a letter or digit.',
  },
  password_too_weak: {
    happened: 'This password is too easy to guess.',
    safe: 'Nothing was changed, and it never left this browser.',
    todo: 'Use 12 characters or more that are no common password; a few unrelated words work well.',
  },
  email_invalid: {
    happened: 'This is not an e-mail address that mail can be sent to.',
    safe: 'Nothing was sent.',
    todo: 'Check it for typing mistakes; it looks like name@example.org.',
  },
  code_wrong: {
    happened: 'This code is wrong, used up or too old.',
    safe: 'Nothing was changed; a wrong code opens nothing.',
    todo: 'Check it and try again, or ask for another one.',
  },
  attempt_over: {
    happened: 'This took too long, or was tried too often.',
    safe: 'Nothing was changed.',
    todo: 'Start again from the beginning.',
  },
  invite_invalid: {
    happened: 'New accounts need an invitation here, and this one is unknown, used up or too old.',
    safe: 'No account was made.',
    todo: 'Ask whoever runs this relay for an invitation link.',
  },
  registration_closed: {
    happened: 'This relay takes no new accounts.',
    safe: 'No account was made.',
    todo: 'Sign in if you have one, or ask whoever runs this relay.',
  },
  email_required: {
    happened: 'This relay asks for an e-mail address.',
    safe: 'No account was made yet.',
    todo: 'Enter an address, then the code that is sent there.',
  },
  mail_off: {
    happened: 'This relay sends no mail.',
    safe: 'Nothing was changed.',
    todo: 'Go on without an address, or use another way.',
  },
  account_disabled: {
    happened: 'Whoever runs this relay has disabled this account.',
    safe: 'What is kept on your devices stays there, and the relay can still read none of it.',
    todo: 'Ask them why.',
  },
  recovery_key_wrong: {
    happened: 'This recovery key does not open this account.',
    safe: 'Nothing was changed.',
    todo: 'Compare it with your printout, letter by letter; an earlier key is void once a new one was made.',
  },
  passkey_refused: {
    happened: 'The passkey was not accepted, or was cancelled.',
    safe: 'Nothing was changed.',
    todo: 'Try again, or choose another way.',
  },
  lock_wrong: {
    happened: 'This does not open the lock.',
    safe: 'Everything on this device is kept, sealed.',
    todo: 'Try again; capitals and spaces count.',
  },
  vault_refused: {
    happened: 'The relay gave a key vault that is not the one of this account, or an older one.',
    safe: 'Nothing of it was used, and nothing on this device was changed.',
    todo: 'Do not enter your password again; ask whoever runs this relay whether it was put back to an earlier day.',
  },
  offline: {
    happened: 'The relay cannot be reached.',
    safe: 'Everything on this device is kept.',
    todo: 'Check your connection, then try again.',
  },
  rate_limited: {
    happened: 'Too many attempts in a short time.',
    safe: 'Nothing is lost.',
    todo: 'Wait a moment, then try again.',
  },
  session_ended: {
    happened: 'The relay ended this session.',
    safe: 'Your messages are still on this device.',
    todo: 'Sign in again to go on.',
  },
  not_found: {
    happened: 'Nobody here has this name.',
    safe: 'Nothing was changed.',
    todo: 'Check the spelling with the person you are looking for.',
  },
  not_signed_in: {
    happened: 'Nobody is signed in on this device.',
    safe: 'Nothing was sent.',
    todo: 'Sign in first.',
  },
  message_empty: {
    happened: 'This message is empty.',
    safe: 'Nothing was sent.',
    todo: 'Write something first.',
  },
  message_too_long: {
    happened: 'This message is too long.',
    safe: 'Your text is still in the box; nothing was sent.',
    todo: 'Send it in two or more parts.',
  },
  blocked: {
    happened: 'A warning in this conversation waits for your decision.',
    safe: 'Nothing was sent, and your text is still in the box.',
    todo: 'Read the warning and decide first.',
  },
  peer_unavailable: {
    happened: 'This person has no device that can receive messages now.',
    safe: 'Your message waits on this device.',
    todo: 'Ask them to sign in once, then try again.',
  },
  chain_refused: {
    happened: 'The list of devices that the relay gave for this person does not hold: it may be forged.',
    safe: 'Nothing was sent to any of those devices.',
    todo: 'Reach the person another way and tell whoever runs this relay.',
  },
  storage_full: {
    happened: 'This device has no room left.',
    safe: 'Nothing that was kept is lost, and this message was not sent.',
    todo: 'Free some space, then try again.',
  },
  relay_storage_full: {
    happened: 'The relay has no room left.',
    safe: 'Your message waits on this device and goes out by itself.',
    todo: 'Tell whoever runs this relay.',
  },
  version_unsupported: {
    happened: 'This page and the relay are of different versions.',
    safe: 'Everything on this device is kept.',
    todo: 'Reload the page to get the current one.',
  },
  internal: {
    happened: 'Something went wrong inside Sotto.',
    safe: 'What was shown as sent is safe.',
    todo: 'Try again; if it comes back, reload the page.',
  },
};

/** The text for whatever a verb threw. `retryAfter` (seconds) sharpens the advice. */
export function failureText(error: unknown): FailureText {
  if (!(error instanceof ChatError)) return FAILURE_TEXTS.internal;
  const text = FAILURE_TEXTS[error.code];
  if (error.retryAfter === undefined) return text;
  return { ...text, todo: `Wait ${waitText(error.retryAfter)}, then try again.` };
}

function waitText(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole === 1) return '1 second';
  if (whole < 90) return `${whole} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
