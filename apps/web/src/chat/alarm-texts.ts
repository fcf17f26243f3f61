import type { AlarmKind, AlarmView } from '@sotto/core/page';

/** What a person is told when an alarm blocks: what happened, what is safe, what to do. */
export interface AlarmText {
  readonly title: string;
  readonly happened: string;
  readonly safe: string;
  readonly todo: string;
}

export type AlarmAction = AlarmView['actions'][number];

/** `name` is the other person's username, or the account's own where the alarm has no conversation. */
export function alarmText(kind: AlarmKind, name: string): AlarmText {
  return ALARM_TEXTS[kind](name);
}

const ALARM_TEXTS: Record<AlarmKind, (name: string) => AlarmText> = {
  identity_changed: (name) => ({
    title: `${name} has a new key`,
    happened: `The account ${name} was reset with a recovery key. It may be the same person on a fresh start, or somebody else.`,
    safe: 'What you wrote before stays sealed under the old key. Nothing is sent until you decide.',
    todo: `Ask ${name} over another channel, a call for instance, and compare the new safety number.`,
  }),
  chain_forked: (name) => ({
    title: `Two different device lists for ${name}`,
    happened: `The relay now shows another history of ${name}’s devices than it did before. An honest relay never does.`,
    safe: 'No message goes to the devices that were added this way.',
    todo: `Tell ${name} over another channel, and stop using this relay until it is explained.`,
  }),
  chain_truncated: (name) => ({
    title: `The relay hides devices of ${name}`,
    happened: `The relay withholds statements about ${name}’s devices that it showed before. A removed device may look valid again.`,
    safe: 'The longer list that this device remembers stays in force.',
    todo: `Ask ${name} which devices are theirs, and tell whoever runs this relay.`,
  }),
  transcript_mismatch: (name) => ({
    title: 'You two do not see the same conversation',
    happened: `The relay gave ${name} other messages, or another order, than it gave you.`,
    safe: 'Each message is still sealed and from whom it says. Nothing more is sent here.',
    todo: `Compare the last lines with ${name} over another channel, then start over.`,
  }),
  history_missing: (name) => ({
    title: 'Messages are missing',
    happened: `The relay lost or withholds entries of this conversation with ${name} that it had already numbered.`,
    safe: 'What you can read here is complete up to the gap, and stays on this device.',
    todo: `Ask ${name} to send what you miss again, then start over.`,
  }),
  entry_refused: (name) => ({
    title: 'Somebody tampered with this conversation',
    happened: `An entry arrived that no device of yours or ${name}’s can have made. It was refused.`,
    safe: 'It was not read, not shown, and changed nothing on this device.',
    todo: 'Start over to talk on in a fresh conversation, and tell whoever runs this relay.',
  }),
};

export const ALARM_ACTION_TEXTS: Record<AlarmAction, string> = {
  accept_identity: 'I compared it: accept the new key',
  start_over: 'Start over',
  dismiss: 'I understand',
};
