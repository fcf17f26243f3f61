import { z } from 'zod';
import type { ChatErrorCode } from '../chat/chat.ts';
import type { Patch } from './patch.ts';
import { chatSnapshot, hex } from './view-schemas.ts';

const tab = hex(8);
/** Names one leadership, not one tab: a tab that leads again is another leader. */
const term = hex(8);
const callId = z.int().min(1);

const CODES = [
  'wrong_credentials',
  'username_taken',
  'username_invalid',
  'password_too_weak',
  'email_invalid',
  'code_wrong',
  'attempt_over',
  'invite_invalid',
  'registration_closed',
  'email_required',
  'mail_off',
  'account_disabled',
  'recovery_key_wrong',
  'passkey_refused',
  'lock_wrong',
  'vault_refused',
  'offline',
  'rate_limited',
  'session_ended',
  'not_found',
  'not_signed_in',
  'message_empty',
  'message_too_long',
  'blocked',
  'peer_unavailable',
  'chain_refused',
  'storage_full',
  'relay_storage_full',
  'version_unsupported',
  'internal',
] as const satisfies readonly ChatErrorCode[];

const result = z.union([
  z.strictObject({ ok: z.literal(true), value: z.unknown() }),
  z.strictObject({ ok: z.literal(false), code: z.enum(CODES), retryAfter: z.number().optional() }),
]);

/** Only that it is an object: what it makes of a snapshot is parsed once it is applied. */
const patch = z.custom<Patch>((value) => typeof value === 'object' && value !== null);

/** What tabs tell each other. `alive` with `announce` opens a term; `state` holds all, `patch` what changed since. */
const channelMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hello'), tab }),
  z.strictObject({ kind: z.literal('alive'), term, announce: z.boolean() }),
  z.strictObject({ kind: z.literal('gone'), term }),
  z.strictObject({ kind: z.literal('state'), term, revision: z.int(), snapshot: chatSnapshot }),
  z.strictObject({ kind: z.literal('patch'), term, revision: z.int(), patch }),
  z.strictObject({
    kind: z.literal('call'),
    term,
    tab,
    id: callId,
    verb: z.string().max(32),
    input: z.unknown(),
  }),
  z.strictObject({ kind: z.literal('result'), term, tab, id: callId, result }),
]);

export type ChannelMessage = z.infer<typeof channelMessage>;

/** Undefined for anything that is not a message of ours. */
export function readChannelMessage(value: unknown): ChannelMessage | undefined {
  const parsed = channelMessage.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
