import { ChatError } from '../chat/chat.ts';
import { errorOfRefusal } from '../chat/refusals.ts';
import type { PasswordProtocol } from './password.ts';
import type { Session } from './session.ts';

/** Good for one change of this session's account, within five minutes. */
export interface Confirmed {
  readonly confirmation: Uint8Array;
  /** Of OPAQUE: opens the password's wrap of the vault. */
  readonly exportKey: Uint8Array;
}

/** The password again, by OPAQUE as for signing in. Throws `wrong_credentials`. */
export async function confirmPassword(
  deps: { readonly session: Session; readonly passwords: PasswordProtocol; readonly username: string },
  password: string,
): Promise<Confirmed> {
  const { session, passwords, username } = deps;
  const leg = passwords.startLogin(password);
  const started = await session.call('confirm', { body: { request: leg.request } });
  if (!started.ok) throw errorOfRefusal(started);
  const opened = leg.finish(username, started.value.response);
  if (opened === undefined) throw new ChatError('wrong_credentials');
  const finished = await session.call('confirmFinish', {
    body: { ticket: started.value.ticket, finish: opened.finish },
  });
  if (!finished.ok) throw errorOfRefusal(finished);
  return { confirmation: finished.value.confirmation, exportKey: opened.exportKey };
}
