import { z } from 'zod';
import type { VerbName } from '../chat/chat.ts';
import { ACCOUNT_VERB_SCHEMAS } from './account-verb-schemas.ts';
import { done, nothing, type VerbSchema } from './verb-schema.ts';
import { bytes, conversationKey, hex, messageView, personView } from './view-schemas.ts';

/** Longest page of lines or rows that one call may ask for. */
const PAGE = 1000;

const account = hex(16);
const count = z.int().min(0).max(PAGE);

/** What each verb takes and gives. Both cross between tabs, where anything of this origin could have spoken. */
export const VERB_SCHEMAS: {
  readonly [N in VerbName]: VerbSchema<N>;
} = {
  ...ACCOUNT_VERB_SCHEMAS,
  signOut: { input: nothing, output: done },
  findPeople: { input: z.strictObject({ name: z.string().max(256) }), output: z.array(personView) },
  openDirect: {
    input: z.strictObject({ account, username: z.string().max(256) }),
    output: conversationKey,
  },
  sendMessage: {
    input: z.strictObject({ conversation: conversationKey, id: hex(16), text: z.string().max(1024 * 1024) }),
    output: done,
  },
  readMessages: {
    input: z.strictObject({ conversation: conversationKey, from: z.int().min(0), count }),
    output: z.array(messageView).max(PAGE),
  },
  markRead: {
    input: z.strictObject({ conversation: conversationKey, index: z.int().min(-1) }),
    output: done,
  },
  safetyNumber: {
    input: z.strictObject({ account }),
    output: z.strictObject({ account, digits: z.string().max(128), qr: bytes(1024), verified: z.boolean() }),
  },
  setVerified: { input: z.strictObject({ account, verified: z.boolean() }), output: done },
  relayView: {
    input: z.strictObject({ conversation: conversationKey, before: z.int().optional(), count }),
    output: z
      .array(
        z.strictObject({
          seq: z.int(),
          time: z.number(),
          id: z.string().max(64),
          epoch: z.int(),
          kind: z.enum(['message', 'commit']),
          body: bytes(4 * 1024 * 1024),
          meaning: z.union([z.string(), z.undefined()]),
        }),
      )
      .max(PAGE),
  },
  resolveAlarm: {
    input: z.strictObject({
      alarm: z.string().max(128),
      action: z.enum(['accept_identity', 'start_over', 'dismiss']),
    }),
    output: done,
  },
  reconnect: { input: nothing, output: done },
};
