import { readUsername } from '../account/credentials.ts';
import { createPasswordProtocol } from '../account/password.ts';
import type { PasswordJudge } from '../account/password-strength.ts';
import { proveEmail, registerAccount, sendEmailCode } from '../account/register.ts';
import { proveReset, startReset, type WaitingReset } from '../account/reset.ts';
import { restoreAccount } from '../account/restore.ts';
import { finishSignIn, sendMailCode, startSignIn, type WaitingSignIn } from '../account/sign-in.ts';
import type { EnrollDeps } from '../account/take-up.ts';
import { createSerial } from '../conversation/serial.ts';
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

/** How long the relay takes a proof of an address, less a minute on the way. Milliseconds. */
const EMAIL_PROOF_MS = 29 * 60_000;

/** What waits for the person's next step. In memory alone: a password was proved, or an account. */
type Waiting =
  | { readonly what: 'sign_in'; readonly signIn: WaitingSignIn; readonly shared: boolean }
  | { readonly what: 'reset'; readonly reset: WaitingReset };

/** An address on its way into an account that is not made yet. */
type Address =
  | { readonly state: 'sent'; readonly ticket: Uint8Array }
  | { readonly state: 'proved'; readonly proof: Uint8Array; readonly until: number };

/** The ways into an account, and back into one. One at a time: of two tabs the second finds who came first. */
export function signInVerbs(deps: ChatDeps, runtime: Runtime, judge: PasswordJudge): Pick<Verbs, SignInVerb> {
  const verbs = entranceVerbs(deps, runtime, judge);
  const entrance = createSerial();
  const inTurn =
    <Input, Output>(verb: (input: Input) => Promise<Output>) =>
    (input: Input) =>
      entrance.run(() => verb(input));
  return {
    ...verbs,
    register: inTurn(verbs.register),
    signIn: inTurn(verbs.signIn),
    verifySignIn: inTurn(verbs.verifySignIn),
    finishReset: inTurn(verbs.finishReset),
  };
}

function entranceVerbs(deps: ChatDeps, runtime: Runtime, judge: PasswordJudge): Pick<Verbs, SignInVerb> {
  let waiting: Waiting | undefined;

  async function enrollDeps(shared: boolean): Promise<EnrollDeps> {
    const passwords = await createPasswordProtocol(deps.http.origin);
    return { http: deps.http, store: await runtime.storeFor(shared), random: deps.random, passwords };
  }

  /** What a relay calls over is over here, too. */
  async function step<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (thrown) {
      if (thrown instanceof ChatError && thrown.code === 'attempt_over') waiting = undefined;
      throw thrown;
    }
  }

  /** Once nothing is kept here, nothing is, whoever asks how. */
  function isShared(asked?: boolean): boolean {
    return asked === true || runtime.isShared();
  }

  function waitingReset(): WaitingReset {
    if (waiting?.what !== 'reset') throw new ChatError('attempt_over');
    return waiting.reset;
  }

  return {
    judgePassword: ({ password, username }) => judge.judge(password, username),
    ...registrationVerbs(deps, runtime, judge, enrollDeps),
    async signIn(input) {
      if (runtime.running()?.connection.state() === 'online') throw new ChatError('blocked');
      waiting = undefined;
      const shared = isShared(input.shared);
      const outcome = await startSignIn(await enrollDeps(shared), input);
      if (outcome.state === 'signed_in') {
        await runtime.takeUp(outcome.enrolled, shared);
        return { state: 'signed_in' };
      }
      const { methods, passkey } = outcome.waiting;
      waiting = { what: 'sign_in', signIn: outcome.waiting, shared };
      return { state: 'second_factor', methods, passkey };
    },
    async sendCode() {
      if (waiting === undefined) throw new ChatError('attempt_over');
      const { ticket } = waiting.what === 'reset' ? waiting.reset : waiting.signIn;
      await step(sendMailCode(deps, ticket));
    },
    async verifySignIn(input) {
      if (waiting?.what !== 'sign_in') throw new ChatError('attempt_over');
      const { signIn, shared } = waiting;
      const enrolled = await step(finishSignIn(await enrollDeps(shared), signIn, input));
      waiting = undefined;
      await runtime.takeUp(enrolled, shared);
    },
    async forgotPassword({ username }) {
      waiting = undefined;
      const reset = await startReset(deps, username);
      waiting = { what: 'reset', reset };
    },
    async proveReset(input) {
      const proved = await step(proveReset(await enrollDeps(false), waitingReset(), input));
      waiting = { what: 'reset', reset: proved.waiting };
      return proved.step;
    },
    async finishReset({ password, restore, shared: asked }) {
      const { proved, username } = waitingReset();
      if (proved === undefined) throw new ChatError('attempt_over');
      await judge.require(password, username);
      const shared = isShared(asked);
      const input = { password, restore, shared };
      const enrolled = await step(restoreAccount(await enrollDeps(shared), proved, input));
      waiting = undefined;
      await runtime.takeUp(enrolled, shared);
    },
    async cancelSignIn() {
      waiting = undefined;
    },
  };
}

function registrationVerbs(
  deps: ChatDeps,
  runtime: Runtime,
  judge: PasswordJudge,
  enrollDeps: (shared: boolean) => Promise<EnrollDeps>,
) {
  let address: Address | undefined;

  /** A proof that became too old is not left out silently: the person meant the account to have the address. */
  function provedAddress(): Uint8Array | undefined {
    if (address?.state !== 'proved') return undefined;
    if (deps.clock.now() < address.until) return address.proof;
    address = undefined;
    throw new ChatError('attempt_over');
  }

  return {
    async startEmail(input) {
      address = { state: 'sent', ticket: await sendEmailCode(deps, input) };
    },
    async confirmEmail({ code }) {
      if (address?.state !== 'sent') throw new ChatError('attempt_over');
      const proof = await proveEmail(deps, address.ticket, code);
      address = { state: 'proved', proof, until: deps.clock.now() + EMAIL_PROOF_MS };
    },
    async register(input) {
      if (runtime.running() !== undefined) throw new ChatError('blocked');
      await judge.require(input.password, readUsername(input.username));
      const shared = input.shared === true;
      const email = provedAddress();
      // Not before it is known what the relay wants; what it cannot be asked now it says itself.
      const relay = await runtime.askRelay();
      if (relay?.emailRequired === true && email === undefined) throw new ChatError('email_required');
      const enrolled = await registerAccount(await enrollDeps(shared), { ...input, email });
      address = undefined;
      await runtime.takeUp(enrolled, shared);
    },
  } satisfies Partial<Verbs>;
}
