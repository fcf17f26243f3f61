import { registerAccount, signInAccount } from '../account/enroll.ts';
import { createPasswordProtocol } from '../account/password.ts';
import { ChatError, type Verbs } from './chat.ts';
import type { ChatDeps } from './deps.ts';
import type { Runtime } from './runtime.ts';

type SignInVerb =
  | 'judgePassword'
  | 'startEmail'
  | 'confirmEmail'
  | 'register'
  | 'signIn'
  | 'sendCode'
  | 'verifySignIn'
  | 'forgotPassword'
  | 'proveReset'
  | 'finishReset'
  | 'cancelSignIn';

/** The ways into an account, and back into one. */
export function signInVerbs(deps: ChatDeps, runtime: Runtime): Pick<Verbs, SignInVerb> {
  const enrollDeps = async () => ({
    http: deps.http,
    store: runtime.store(),
    random: deps.random,
    passwords: await createPasswordProtocol(deps.http.origin),
  });
  const missing = async () => {
    throw new ChatError('internal');
  };
  return {
    async register(input) {
      if (runtime.running() !== undefined) throw new ChatError('blocked');
      await runtime.takeUp(await registerAccount(await enrollDeps(), input));
    },
    async signIn(input) {
      if (runtime.running()?.connection.state() === 'online') throw new ChatError('blocked');
      await runtime.takeUp(await signInAccount(await enrollDeps(), input));
      return { state: 'signed_in' };
    },
    judgePassword: missing,
    startEmail: missing,
    confirmEmail: missing,
    sendCode: missing,
    verifySignIn: missing,
    forgotPassword: missing,
    proveReset: missing,
    finishReset: missing,
    cancelSignIn: missing,
  };
}
