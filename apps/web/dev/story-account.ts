import {
  type Chat,
  ChatError,
  type FactorMethod,
  PRF_SALT,
  type ProofInput,
  type ResetStep,
} from '@sotto/core/page';
import { ALICE } from './story-lines.ts';
import { reply, type Stage, signedInAs } from './story-stage.ts';

/**
 * Getting in and back in, told from memory. Who signs in decides what is asked: `carol` has every second factor, `dave` codes
 * by mail, `erin` a passkey; `frank` was disabled, `grace` waits. Codes of nothing but zeros are wrong, of nines too late.
 */
const FACTORS: Record<string, readonly FactorMethod[]> = {
  carol: ['mail', 'totp', 'passkey', 'recovery_code', 'recovery_key'],
  dave: ['mail', 'recovery_code'],
  erin: ['passkey', 'recovery_code'],
};

/** One sign-in or reset under way. */
interface Attempt {
  username: string;
  shared: boolean;
  reset: 'none' | 'begun' | 'second_factor' | 'proved';
  emailProved: boolean;
}

const COMMON = ['password', '123456789012', 'qwertyuiopas', 'iloveyouiloveyou'];

/** WebAuthn request options that any discoverable passkey of this host answers. */
export const PASSKEY_OPTIONS = JSON.stringify({
  challenge: 'c3RvcnktY2hhbGxlbmdlLXN0b3J5LWNoYWxsZW5nZQ',
  allowCredentials: [],
  userVerification: 'required',
  extensions: { prf: { eval: { first: PRF_SALT } } },
});

function checkProof(proof: ProofInput): void {
  if (proof.method === 'passkey') {
    if (JSON.parse(proof.response).response === undefined) throw new ChatError('passkey_refused');
  } else if (proof.method === 'recovery_key') {
    checkRecoveryKey(proof.key);
  } else if (/^9+$/.test(proof.code)) {
    throw new ChatError('attempt_over');
  } else if (/^0+$/.test(proof.code) || proof.code.length < 6) {
    throw new ChatError('code_wrong');
  }
}

export function checkRecoveryKey(key: string): void {
  const plain = key.replaceAll(/[\s-]/g, '');
  if (plain.length !== 36 || /^0+$/.test(plain)) throw new ChatError('recovery_key_wrong');
}

type SignInVerbs =
  | 'judgePassword'
  | 'startEmail'
  | 'confirmEmail'
  | 'register'
  | 'signIn'
  | 'sendCode'
  | 'verifySignIn'
  | 'cancelSignIn';

function signInVerbs(stage: Stage, attempt: Attempt): Pick<Chat, SignInVerbs> {
  const { publish, snapshot, told } = stage;
  return {
    async judgePassword({ password, username }) {
      await reply();
      const long = password.length >= 12;
      const score = Math.min(4, Math.floor(password.length / 4));
      if (COMMON.includes(password)) return { score: 0, enough: false, reason: 'too_common' };
      if (username !== '' && password.includes(username))
        return { score: 1, enough: false, reason: 'like_the_name' };
      if (!long && !/ /.test(password))
        return { score: Math.min(2, score), enough: false, reason: 'too_short' };
      return { score: Math.max(2, score), enough: true, reason: undefined };
    },
    async startEmail({ email }) {
      told.push({ verb: 'startEmail', email });
      await reply();
      if (!/^[^@\s]+@[^@\s]+$/.test(email)) throw new ChatError('email_invalid');
    },
    async confirmEmail({ code }) {
      await reply();
      checkProof({ method: 'mail', code });
      attempt.emailProved = true;
    },
    async register({ username, password, invite, shared }) {
      told.push({ verb: 'register', username, invite, shared });
      await reply();
      const relay = snapshot().relay;
      if (username === 'bob') throw new ChatError('username_taken');
      if (password.length < 12) throw new ChatError('password_too_weak');
      if (relay?.registration === 'closed') throw new ChatError('registration_closed');
      if (relay?.registration === 'invite' && invite === undefined) throw new ChatError('invite_invalid');
      if (relay?.emailRequired && !attempt.emailProved) throw new ChatError('email_required');
      publish({ session: signedInAs(username, shared) });
    },
    async signIn({ username, password, shared }) {
      told.push({ verb: 'signIn', username, shared });
      await reply();
      if (password.length < 12) throw new ChatError('wrong_credentials');
      if (username === 'frank') throw new ChatError('account_disabled');
      if (username === 'grace') throw new ChatError('rate_limited', { retryAfter: 42 });
      Object.assign(attempt, { username, shared: shared === true, reset: 'none' });
      const methods = FACTORS[username];
      if (methods !== undefined) return { state: 'second_factor', methods, passkey: PASSKEY_OPTIONS };
      publish({ session: signedInAs(username, shared), connection: 'online' });
      return { state: 'signed_in' };
    },
    async sendCode() {
      told.push({ verb: 'sendCode' });
      await reply();
    },
    async verifySignIn(proof) {
      told.push({ verb: 'verifySignIn', ...proof });
      await reply();
      checkProof(proof);
      publish({ session: signedInAs(attempt.username, attempt.shared), connection: 'online' });
    },
    async cancelSignIn() {
      Object.assign(attempt, { reset: 'none', emailProved: false });
    },
  };
}

/** What would bring the identity back: `alice` is still on this device, `carol` has everything, others nothing. */
function chooseStep(username: string, proof: ProofInput): ResetStep {
  if (username === 'alice') return { state: 'choose', ways: ['this_device', 'new_identity'], known: true };
  if (proof.method === 'recovery_key')
    return { state: 'choose', ways: ['recovery_key', 'new_identity'], known: true };
  if (username !== 'carol') return { state: 'choose', ways: ['new_identity'], known: false };
  return {
    state: 'choose',
    ways: ['recovery_key', 'passkey', 'new_identity'],
    known: false,
    passkey: PASSKEY_OPTIONS,
  };
}

function resetVerbs(
  stage: Stage,
  attempt: Attempt,
): Pick<Chat, 'forgotPassword' | 'proveReset' | 'finishReset'> {
  const { publish, told } = stage;
  return {
    async forgotPassword({ username }) {
      told.push({ verb: 'forgotPassword', username });
      await reply();
      Object.assign(attempt, { username, reset: 'begun', shared: false });
    },
    async proveReset(proof) {
      told.push({ verb: 'proveReset', ...proof });
      await reply();
      checkProof(proof);
      if (attempt.username === 'carol' && attempt.reset === 'begun' && proof.method === 'mail') {
        attempt.reset = 'second_factor';
        const methods = ['totp', 'passkey', 'recovery_code', 'recovery_key'] as const;
        return { state: 'second_factor', methods, passkey: PASSKEY_OPTIONS };
      }
      attempt.reset = 'proved';
      return chooseStep(attempt.username, proof);
    },
    async finishReset({ password, restore, shared = false }) {
      told.push({ verb: 'finishReset', restore, ...(shared && { shared }) });
      await reply();
      if (password.length < 12) throw new ChatError('password_too_weak');
      if (restore.way === 'recovery_key') checkRecoveryKey(restore.key);
      publish({ session: signedInAs(attempt.username, shared), connection: 'online' });
    },
  };
}

type LockVerbs =
  | 'setLock'
  | 'setLockPasskey'
  | 'removeLock'
  | 'lock'
  | 'unlock'
  | 'wipeLocked'
  | 'noteActivity';

function lockVerbs({ publish, snapshot, threads, told }: Stage): Pick<Chat, LockVerbs> {
  const setMinutes = (lockMinutes: number | undefined) => {
    const { session } = snapshot();
    if (session.state !== 'signed_in') throw new ChatError('not_signed_in');
    publish({ session: { ...session, lockMinutes } });
  };
  const passkeys: string[] = [];
  return {
    async setLock({ minutes }) {
      await reply();
      setMinutes(minutes);
    },
    async setLockPasskey({ credential }) {
      await reply();
      passkeys.push(credential);
    },
    async removeLock() {
      await reply();
      setMinutes(undefined);
    },
    async lock() {
      publish({ session: { state: 'locked', passkeys } });
    },
    async unlock(input) {
      told.push({ verb: 'unlock', ...input });
      await reply();
      if (input.way === 'passphrase' && input.passphrase.length < 8) throw new ChatError('lock_wrong');
      publish({ session: { ...signedInAs('alice', false), account: ALICE, lockMinutes: 5 } });
    },
    async wipeLocked() {
      threads.clear();
      publish({ session: { state: 'signed_out' } });
    },
    async noteActivity() {
      told.push({ verb: 'noteActivity' });
    },
  };
}

type StoryAccountVerbs = SignInVerbs | 'forgotPassword' | 'proveReset' | 'finishReset' | LockVerbs;

export function accountStory(stage: Stage): Pick<Chat, StoryAccountVerbs> {
  const attempt: Attempt = { username: '', shared: false, reset: 'none', emailProved: false };
  return { ...signInVerbs(stage, attempt), ...resetVerbs(stage, attempt), ...lockVerbs(stage) };
}
