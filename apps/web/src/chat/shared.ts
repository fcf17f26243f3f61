import type { ChatSnapshot } from '@sotto/core/page';

/** Whether somebody is signed in here on a computer of others: then the page, too, keeps nothing on it. */
export function isShared({ session }: Pick<ChatSnapshot, 'session'>): boolean {
  return session.state === 'signed_in' && session.shared;
}
