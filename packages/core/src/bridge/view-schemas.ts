import { z } from 'zod';
import type { AccountNoticeView, RelayView } from '../chat/account-verbs.ts';
import type {
  AlarmView,
  ChatSnapshot,
  ConversationView,
  MessageView,
  PersonView,
  SessionView,
} from '../chat/chat.ts';

/** Shapes of what the chat shows, for what arrives from another tab. */

/** Lower-case hexadecimal of `length` bytes. */
export function hex(length: number) {
  return z.string().regex(new RegExp(`^[0-9a-f]{${2 * length}}$`));
}

export function bytes(maximum: number) {
  return z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= maximum);
}

export const conversationKey = z.string().min(1).max(128);
const text = z.string().max(1024 * 1024);
const name = z.string().max(256);

export const personView: z.ZodType<PersonView> = z.strictObject({
  account: hex(16),
  username: name,
  verified: z.boolean(),
  safetyDigits: z.union([z.string().max(128), z.undefined()]),
  closed: z.boolean(),
});

export const messageView: z.ZodType<MessageView> = z.strictObject({
  id: z.string().max(128),
  index: z.union([z.int().min(0), z.undefined()]),
  kind: z.enum(['text', 'notice', 'gap']),
  mine: z.boolean(),
  sender: name,
  text,
  time: z.number(),
  state: z.enum(['queued', 'sent', 'delivered', 'received', 'failed']),
});

const conversationView: z.ZodType<ConversationView> = z.strictObject({
  key: conversationKey,
  kind: z.literal('direct'),
  peer: personView,
  total: z.int().min(0),
  unread: z.int().min(0),
  queued: z.array(messageView),
  last: z.union([messageView, z.undefined()]),
  deliveredUpTo: z.int().min(-1),
  blocked: z.boolean(),
  revision: z.int(),
});

const alarmView: z.ZodType<AlarmView> = z.strictObject({
  id: z.string().max(128),
  kind: z.enum([
    'identity_changed',
    'chain_forked',
    'chain_truncated',
    'transcript_mismatch',
    'history_missing',
    'entry_refused',
  ]),
  conversation: z.union([conversationKey, z.undefined()]),
  account: z.union([name, z.undefined()]),
  time: z.number(),
  actions: z.array(z.enum(['accept_identity', 'start_over', 'dismiss'])),
});

const sessionView: z.ZodType<SessionView> = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('starting') }),
  z.strictObject({ state: z.literal('signed_out') }),
  z.strictObject({ state: z.literal('locked'), passkeys: z.array(z.string().max(2048)).max(64) }),
  z.strictObject({
    state: z.literal('signed_in'),
    account: name,
    username: name,
    device: name,
    ready: z.boolean(),
    shared: z.boolean(),
    lockMinutes: z.union([z.number(), z.undefined()]),
  }),
]);

const noticeView: z.ZodType<AccountNoticeView> = z.strictObject({
  id: z.string().max(128),
  kind: z.enum(['new_sign_in', 'new_device', 'password_changed', 'factors_changed', 'email_changed']),
  device: z.union([name, z.undefined()]),
  time: z.number(),
});

const relayView: z.ZodType<RelayView> = z.strictObject({
  directory: z.enum(['exact', 'open']),
  registration: z.enum(['open', 'invite', 'closed']),
  mail: z.boolean(),
  emailRequired: z.boolean(),
});

export const chatSnapshot: z.ZodType<ChatSnapshot> = z.strictObject({
  session: sessionView,
  connection: z.enum(['connecting', 'online', 'offline', 'ended']),
  conversations: z.array(conversationView),
  alarms: z.array(alarmView),
  storagePersisted: z.boolean(),
  notices: z.array(noticeView),
  relay: z.union([relayView, z.undefined()]),
});
