import { decodeBase64Url } from '@sotto/protocol';
import type { PasswordJudge } from '../account/password-strength.ts';
import { removeLock, setLock, setLockPasskey } from '../store/app-lock.ts';
import type { LockProof } from '../store/lock-slots.ts';
import { ChatError, type Verbs } from './chat.ts';
import type { ChatDeps } from './deps.ts';
import type { Runtime } from './runtime.ts';

type LockVerb =
  | 'setLock'
  | 'setLockPasskey'
  | 'removeLock'
  | 'lock'
  | 'unlock'
  | 'wipeLocked'
  | 'noteActivity';

/** The app lock. It holds off who has the disk or the chair, for as long as the passphrase holds off Argon2id. */
export function lockVerbs(
  { http, random }: ChatDeps,
  runtime: Runtime,
  judge: PasswordJudge,
): Pick<Verbs, LockVerb> {
  /** Nothing is kept on a shared computer, so there is nothing to lock. */
  function requireOwn(): void {
    runtime.engine();
    if (runtime.isShared()) throw new ChatError('blocked');
  }

  return {
    async setLock({ passphrase, minutes }) {
      requireOwn();
      if (!Number.isInteger(minutes) || minutes < 1 || minutes > 240) throw new ChatError('internal');
      await judge.require(passphrase, runtime.engine().record.username);
      await runtime.changeLock((store) => setLock(store, { passphrase, minutes }, random));
    },
    async setLockPasskey({ credential, prf }) {
      requireOwn();
      const passkey = { credential: credentialOf(credential), prf };
      await runtime.changeLock(async (store) => {
        if (!(await setLockPasskey(store, passkey, random))) throw new ChatError('passkey_refused');
      });
    },
    async removeLock() {
      requireOwn();
      await runtime.changeLock(removeLock);
    },
    lock: runtime.lock,
    unlock: async (input) => await runtime.unlock(proofOf(input)),
    async wipeLocked() {
      if (runtime.snapshot().session.state !== 'locked') throw new ChatError('blocked');
      await endSession(http);
      await runtime.wipe();
    },
    async noteActivity() {
      runtime.noteActivity();
    },
  };
}

function proofOf(input: Parameters<Verbs['unlock']>[0]): LockProof {
  if (input.way === 'passphrase') return input;
  return { way: 'passkey', credential: credentialOf(input.credential), prf: input.prf };
}

function credentialOf(text: string): Uint8Array {
  const credential = decodeBase64Url(text);
  if (credential === undefined) throw new ChatError('passkey_refused');
  return credential;
}

/**
 * The cookie of the session outlives the wiped store: it must serve nobody. The device stays in the chain, whose keys are
 * locked away here; its owner removes it elsewhere. As far as the relay can be reached.
 */
async function endSession(http: ChatDeps['http']): Promise<void> {
  const session = await http.call('refresh', { body: {} });
  if (session.ok) await http.call('logout', { body: {}, token: session.value.accessToken });
}
