import type { MessageView } from '@sotto/core/page';

export const ALICE = 'a11ce0000000000000000000000000a1';
export const BOB = 'b0b0000000000000000000000000b0b5';
export const CAROL = 'ca401000000000000000000000ca4013';
export const DAVE = 'd4be0000000000000000000000d4be02';
export const ERIN = 'e4170000000000000000000000e41701';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Told = readonly [who: 'me' | 'them' | 'notice' | 'gap', text: string, minutesLater?: number];

const WITH_BOB: readonly Told[] = [
  ['notice', 'joined with device 4f1a20c7'],
  ['them', 'Hey! Is this the new place?', 1],
  ['me', 'It is. Nobody but us in here.', 2],
  ['me', 'Not even whoever runs the server.'],
  ['them', 'How would I know that, though', 3],
  ['me', 'Open “Relay’s view” up there. It shows the bytes the server has, next to what you read.', 2],
  ['them', 'Oh wow. That is… a lot of noise.', 4],
  ['them', 'I like it'],
  ['notice', 'joined with device 9c02b1aa', 6],
  [
    'me',
    'Rehearsal notes for tonight:\n\n– bar 12: really quiet, sotto voce\n– bar 40: wait for the violas\n– no phones on the stands',
    DAY / MINUTE - 60,
  ],
  ['them', 'Got them, thank you', 22],
  ['them', 'Do we meet at the side entrance?'],
  ['me', 'Yes, half past six.', 4],
  ['gap', 'One message could not be opened on this device.', 10],
  ['me', 'Did you get home all right?', DAY / MINUTE - 500],
  [
    'them',
    'I did. The last train was nearly empty, and somebody in my carriage was practising the slow movement very softly, all the way to the end of the line. I did not want to get off.',
    7,
  ],
  ['them', 'Same time on Thursday?', 1],
  ['me', 'Same time. Bring the score with the pencil marks, please.', 3],
  ['them', 'Will do', 2],
  ['me', 'See you there', 1],
];

function tell(told: readonly Told[], peer: string, now: number): MessageView[] {
  const spans = told.map(([, , minutes]) => (minutes ?? 0.5) * MINUTE);
  let time = now - spans.reduce((sum, span) => sum + span, 0) - 2 * MINUTE;
  return told.map(([who, text], index) => {
    time += spans[index] ?? 0;
    return {
      id: index.toString(16).padStart(32, '0'),
      index,
      kind: who === 'notice' || who === 'gap' ? who : 'text',
      mine: who === 'me',
      sender: who === 'me' ? ALICE : peer,
      text,
      time,
      state: who === 'me' ? 'sent' : 'received',
    };
  });
}

export function linesWithBob(now: number): MessageView[] {
  return tell(WITH_BOB, BOB, now);
}

export function linesWithCarol(now: number): MessageView[] {
  return tell(
    [
      ['them', 'Are you coming to the market on Saturday?'],
      ['me', 'If it does not rain', 5],
      ['them', 'It never rains on market days', 12],
      ['them', 'Well. Once.'],
      ['them', 'I keep a table for you either way, next to the cheese people as always', 90],
    ],
    CAROL,
    now - HOUR,
  );
}

export function linesWithDave(now: number): MessageView[] {
  return tell(
    [
      ['them', 'The spare key is back under the third pot.'],
      ['me', 'Thank you. I will water everything on Sunday.', 30],
    ],
    DAVE,
    now - 3 * DAY,
  );
}

const WORDS =
  'the low voice carries further than one thinks when the room is still and nobody else is speaking'.split(
    ' ',
  );

/** A long thread that is the same every time. */
export function longLines(count: number, now: number): MessageView[] {
  return Array.from({ length: count }, (_, index): MessageView => {
    const words = 2 + ((index * 7919) % 23);
    const mine = (index * 31) % 7 < 3;
    const text = Array.from({ length: words }, (_, place) => WORDS[(index + place * 5) % WORDS.length]).join(
      ' ',
    );
    return {
      id: index.toString(16).padStart(32, '0'),
      index,
      kind: 'text',
      mine,
      sender: mine ? ALICE : BOB,
      text: `${index + 1}. ${text}`,
      time: now - (count - index) * 4 * MINUTE,
      state: mine ? 'sent' : 'received',
    };
  });
}
