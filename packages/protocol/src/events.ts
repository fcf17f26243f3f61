import { z } from 'zod';
import type { Refusal } from './errors.ts';
import { accessToken, accountId, bytes, counter, deviceId, entryId, logId, time, tokenHash } from './ids.ts';
import { LIMITS } from './limits.ts';

/** What a socket shows when it connects. Checked before the connection counts. */
export const handshake = z.strictObject({ token: z.string().max(2048), protocol: z.int() });
export type Handshake = z.infer<typeof handshake>;

const day = z.int().min(0).max(0xffff_ffff);
const head = z.strictObject({ epoch: counter, seq: counter });
export type LogHead = z.infer<typeof head>;
/** Entries as `encodeRun` writes them. */
const run = bytes(0, LIMITS.run + LIMITS.commitBody + 64);
const inboxRun = bytes(0, LIMITS.run + LIMITS.welcomeBody + 64);

const welcome = z.strictObject({
  account: accountId,
  device: deviceId,
  expiryDay: day,
  body: bytes(1, LIMITS.welcomeBody),
});
export type Delivery = z.infer<typeof welcome>;

/** Fields that every append has; a commit adds what the epoch it opens needs. */
const entryFields = {
  log: logId,
  token: accessToken,
  id: entryId,
  epoch: counter,
};

/**
 * What a client may ask over the socket, and what a positive ack holds beside `ok: true`. A negative ack is a Refusal.
 * All of it is the client's word: parsed strictly, unknown fields refused.
 */
export const REQUESTS = {
  /** Opens a log in epoch 0. `log_exists` when the id is taken. */
  'log:create': {
    request: z.strictObject({
      log: logId,
      tokenHash,
      entryDays: z.int().min(1).max(LIMITS.entryDaysMax).optional(),
    }),
    answer: z.strictObject({ ok: z.literal(true) }),
  },
  /** Appends a message. Answered only when it is durable. The same id with the same bytes answers the same seq again. */
  'log:append': {
    request: z.strictObject({ ...entryFields, body: bytes(1, LIMITS.messageBody) }),
    answer: z.strictObject({ ok: z.literal(true), seq: counter, time }),
  },
  /** Appends a commit, sets the token of the epoch it opens, and delivers its Welcomes: all together or nothing. */
  'log:commit': {
    request: z.strictObject({
      ...entryFields,
      body: bytes(1, LIMITS.commitBody),
      nextTokenHash: tokenHash,
      welcomes: z.array(welcome).max(LIMITS.welcomesPerCommit),
    }),
    answer: z.strictObject({ ok: z.literal(true), seq: counter, time }),
  },
  /** Entries after `after`, oldest first, as far as the token of `epoch` reads. */
  'log:read': {
    request: z.strictObject({
      log: logId,
      epoch: counter,
      token: accessToken,
      after: counter,
      limit: z.int().min(1).max(LIMITS.runEntries),
    }),
    answer: z.strictObject({ ok: z.literal(true), run, head }),
  },
  /** Live delivery while `epoch` lasts, the commit that ends it included; `run` is what was missed since `after`. */
  'log:subscribe': {
    request: z.strictObject({ log: logId, epoch: counter, token: accessToken, after: counter }),
    answer: z.strictObject({ ok: z.literal(true), run, head }),
  },
  'log:unsubscribe': {
    request: z.strictObject({ log: logId }),
    answer: z.strictObject({ ok: z.literal(true) }),
  },
  /** Leaves an item in another device's inbox. */
  'inbox:append': {
    request: welcome,
    answer: z.strictObject({ ok: z.literal(true) }),
  },
  /** The signed-in device's own inbox after `after`. */
  'inbox:read': {
    request: z.strictObject({ after: counter }),
    answer: z.strictObject({ ok: z.literal(true), run: inboxRun }),
  },
  /** Drops items up to and including `upTo`, once they are processed and on disk. */
  'inbox:trim': {
    request: z.strictObject({ upTo: counter }),
    answer: z.strictObject({ ok: z.literal(true) }),
  },
} as const;

export type RequestName = keyof typeof REQUESTS;
export type RequestOf<N extends RequestName> = z.infer<(typeof REQUESTS)[N]['request']>;
export type AnswerOf<N extends RequestName> = z.infer<(typeof REQUESTS)[N]['answer']>;
export type AckOf<N extends RequestName> = AnswerOf<N> | Refusal;

/**
 * What the relay sends unasked. Hints only: the log is the truth. A client may get its own entries back, and entries
 * twice.
 */
export const NOTICES = {
  'log:entries': z.strictObject({ log: logId, run }),
  'inbox:items': z.strictObject({ run: inboxRun }),
  'keys:low': z.strictObject({ left: counter }),
  'session:ended': z.strictObject({}),
  /** Something happened to the signed-in account: its devices look again. */
  'account:changed': z.strictObject({ what: z.enum(['signed_in', 'password', 'email', 'factors', 'vault']) }),
} as const;

export type NoticeName = keyof typeof NOTICES;
export type NoticeOf<N extends NoticeName> = z.infer<(typeof NOTICES)[N]>;

/** Events as Socket.IO types them: requests are acknowledged, notices are not. */
export type ClientToRelay = {
  [N in RequestName]: (request: RequestOf<N>, ack: (answer: AckOf<N>) => void) => void;
};
export type RelayToClient = { [N in NoticeName]: (notice: NoticeOf<N>) => void };

/** The shape of a negative ack, for clients that parse what the relay says. */
export const refusal = z.strictObject({
  ok: z.literal(false),
  code: z.string(),
  retryAfter: z.number().optional(),
  head: head.optional(),
});
