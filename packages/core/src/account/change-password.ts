import { ChatError } from '../chat/chat.ts';
import type { Random } from '../chat/clock.ts';
import { errorOfRefusal } from '../chat/refusals.ts';
import type { SealedStore } from '../store/sealed-store.ts';
import type { AccountRecord } from './account-record.ts';
import { keepVault, nextVault, updateOf } from './kept-vault.ts';
import type { OwnVault } from './own-vault.ts';
import type { PasswordProtocol } from './password.ts';
import type { Session } from './session.ts';
import { makeWrap, withWrap } from './vault-wraps.ts';

const TRIES = 4;

interface PasswordChange {
  readonly record: AccountRecord;
  readonly session: Session;
  readonly store: SealedStore;
  readonly vault: OwnVault;
  readonly passwords: PasswordProtocol;
  readonly random: Random;
}

/**
 * Registers another password by OPAQUE and wraps the vault's key under it, both in one step at the relay; other sessions end with
 * it. Throws `wrong_credentials` for the current one. How strong the next one is is the caller's to judge.
 */
export async function changePassword(
  of: PasswordChange,
  input: { readonly current: string; readonly next: string },
): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt++) if (await tryChange(of, input)) return;
  throw new ChatError('attempt_over');
}

/** False when another device changed the vault in between. */
async function tryChange(
  { record, session, store, vault, passwords, random }: PasswordChange,
  input: { readonly current: string; readonly next: string },
): Promise<boolean> {
  const { confirmation } = await vault.confirm(input.current);
  const before = await vault.read();
  const leg = passwords.startRegistration(input.next);
  const started = await session.call('changePassword', { body: { confirmation, request: leg.request } });
  if (!started.ok) throw errorOfRefusal(started);
  const { record: opaque, exportKey } = leg.finish(record.username, started.value.response);
  const opener = { kind: 'password', exportKey } as const;
  const wrap = await makeWrap(record.account, before.vault.vaultKey, opener, random);
  const wraps = withWrap(before.vault.wraps, wrap);
  const next = await nextVault(before.vault, wraps, { exportKey, random });
  const finished = await session.call('changePasswordFinish', {
    body: {
      ticket: started.value.ticket,
      record: opaque,
      vault: await updateOf(next, before.about.vault.version, random),
    },
  });
  if (!finished.ok && finished.code === 'vault_conflict') return false;
  if (!finished.ok) throw errorOfRefusal(finished);
  await store.step([keepVault(next)]);
  return true;
}
