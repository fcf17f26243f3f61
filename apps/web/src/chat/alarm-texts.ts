import type { AlarmKind, AlarmView } from '@sotto/core/page';

/** What a person is told when an alarm blocks: what happened, what is safe, what to do. */
export interface AlarmText {
  readonly title: string;
  readonly happened: string;
  readonly safe: string;
  readonly todo: string;
}

export type AlarmAction = AlarmView['actions'][number];

/** `peer` is the other person's username; undefined when the alarm is about the own account. */
export function alarmText(kind: AlarmKind, peer: string | undefined): AlarmText {
  return peer === undefined ? OWN_ALARM_TEXTS[kind] : PEER_ALARM_TEXTS[kind](peer);
}

/** What a button says. To dismiss a new identity is to refuse it. */
export function alarmActionText(kind: AlarmKind, action: AlarmAction): string {
  if (kind === 'identity_changed' && action === 'dismiss') return 'Do not trust it';
  return ACTION_TEXTS[action];
}

const ACTION_TEXTS: Record<AlarmAction, string> = {
  accept_identity: 'I compared it: accept the new key',
  start_over: 'Start over',
  dismiss: 'I understand',
};

const PEER_ALARM_TEXTS: Record<AlarmKind, (peer: string) => AlarmText> = {
  identity_changed: (peer) => ({
    title: `${peer} has a new key`,
    happened: `The account ${peer} began anew, with another identity key. It may be the same person, who lost every way back to the old one, or somebody else.`,
    safe: 'What you wrote before stays sealed under the old key. Nothing is sent until you decide.',
    todo: `Ask ${peer} over another channel, a call for instance, and compare the new safety number.`,
  }),
  chain_forked: (peer) => ({
    title: `Two different device lists for ${peer}`,
    happened: `The relay now shows another history of ${peer}’s devices than it did before. An honest relay never does.`,
    safe: 'No message goes to the devices that were added this way.',
    todo: `Tell ${peer} over another channel, and stop using this relay until it is explained.`,
  }),
  chain_truncated: (peer) => ({
    title: `The relay hides devices of ${peer}`,
    happened: `The relay withholds statements about ${peer}’s devices that it showed before. A removed device may look valid again.`,
    safe: 'The longer list that this device remembers stays in force.',
    todo: `Ask ${peer} which devices are theirs, and tell whoever runs this relay.`,
  }),
  transcript_mismatch: (peer) => ({
    title: 'You two do not see the same conversation',
    happened: `The relay gave ${peer} other messages, or another order, than it gave you.`,
    safe: 'Each message is still sealed and from whom it says. Nothing more is sent here.',
    todo: `Compare the last lines with ${peer} over another channel, then start over.`,
  }),
  history_missing: (peer) => ({
    title: 'Messages are missing',
    happened: `The relay lost or withholds entries of this conversation with ${peer} that it had already numbered.`,
    safe: 'What you can read here is complete up to the gap, and stays on this device.',
    todo: `Ask ${peer} to send what you miss again, then start over.`,
  }),
  entry_refused: (peer) => ({
    title: 'Somebody tampered with this conversation',
    happened: `An entry arrived that no device of yours or ${peer}’s can have made. It was refused.`,
    safe: 'It was not read, not shown, and changed nothing on this device.',
    todo: 'Start over to talk on in a fresh conversation, and tell whoever runs this relay.',
  }),
};

const OWN_ALARM_TEXTS: Record<AlarmKind, AlarmText> = {
  identity_changed: {
    title: 'Your account has a new key',
    happened: 'Your account began anew with another identity key, and not from this device.',
    safe: 'What is on this device stays here, sealed.',
    todo: 'If it was not you, tell your contacts over another channel and do not use this account any more.',
  },
  chain_forked: {
    title: 'The relay shows a false list of your devices',
    happened:
      'Its history of your devices is not the one that this device knows. An honest relay never does that.',
    safe: 'No device that was added this way can read what you send from here.',
    todo: 'Tell your contacts over another channel, and stop using this relay until it is explained.',
  },
  chain_truncated: {
    title: 'The relay hides some of your devices',
    happened: 'It withholds statements about your devices that it showed before.',
    safe: 'The longer list that this device remembers stays in force.',
    todo: 'Tell whoever runs this relay; a device that you removed may look valid to others.',
  },
  transcript_mismatch: {
    title: 'Your devices do not see the same',
    happened: 'The relay gave another of your devices other messages, or another order.',
    safe: 'Each message is still sealed and from whom it says.',
    todo: 'Compare your devices, and tell whoever runs this relay.',
  },
  history_missing: {
    title: 'Something is missing',
    happened: 'The relay lost or withholds entries for this device that it had already numbered.',
    safe: 'What you can read here stays on this device.',
    todo: 'Ask the people you talk with to send what you miss again, and tell whoever runs this relay.',
  },
  entry_refused: {
    title: 'Somebody tampered with what was sent to you',
    happened: 'Something arrived for this device that nobody can have made by the rules. It was refused.',
    safe: 'It was not read, not shown, and changed nothing on this device.',
    todo: 'Tell whoever runs this relay.',
  },
};
