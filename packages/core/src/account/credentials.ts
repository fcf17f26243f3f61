import { decodeBase64Url, type Email, email, type Username, username } from '@sotto/protocol';
import { ChatError } from '../chat/chat.ts';

/** The name as the relay keeps it. Throws `username_invalid`. */
export function readUsername(typed: string): Username {
  const parsed = username.safeParse(typed.trim().toLowerCase());
  if (!parsed.success) throw new ChatError('username_invalid');
  return parsed.data;
}

/** Throws `email_invalid`. */
export function readEmail(typed: string): Email {
  const parsed = email.safeParse(typed.trim());
  if (!parsed.success) throw new ChatError('email_invalid');
  return parsed.data;
}

/** The secret of an invitation link, base64url. Throws `invite_invalid`. */
export function readInvite(typed: string | undefined): Uint8Array | undefined {
  if (typed === undefined) return undefined;
  const invite = decodeBase64Url(typed.trim());
  if (invite?.length !== 32) throw new ChatError('invite_invalid');
  return invite;
}
