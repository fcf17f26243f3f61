import type { AddressProof } from '../auth/address-proof.ts';
import type { Admitted } from '../auth/admission.ts';
import type { Login, Wanted } from '../auth/login.ts';
import type { LoginCode } from '../auth/login-code.ts';
import type { Registration } from '../auth/registration.ts';
import type { Sessions } from '../auth/sessions.ts';
import type { Work } from '../auth/work.ts';
import { isRefusal, refuse } from '../refuse.ts';
import type { AccountStore } from '../store/account-store.ts';
import { answer, cookieOf, describeSession } from './answers.ts';
import { type Handlers, succeed } from './handlers.ts';

export interface SignInDeps {
  readonly accounts: AccountStore;
  readonly work: Work;
  readonly addressProof: AddressProof;
  readonly registration: Registration;
  readonly login: Login;
  readonly loginCode: LoginCode;
  readonly sessions: Sessions;
}

type SignInHandlers = Pick<
  Handlers,
  | 'challenge'
  | 'registerEmail'
  | 'registerEmailVerify'
  | 'register'
  | 'registerFinish'
  | 'login'
  | 'loginFinish'
  | 'loginCode'
  | 'loginVerify'
  | 'refresh'
  | 'logout'
>;

export function createSignInHandlers(deps: SignInDeps): SignInHandlers {
  const { accounts, work, addressProof, registration, login, loginCode, sessions } = deps;
  return {
    challenge: async () => succeed({ challenge: await work.challenge() }),
    registerEmail: async ({ body, address }) => answer(await addressProof.start(body, address)),
    registerEmailVerify: async ({ body }) => answer(await addressProof.verify(body)),
    register: async ({ body, address }) => answer(await registration.start(body, address)),
    async registerFinish({ body, address }) {
      const signedIn = await registration.finish(body, address);
      if (isRefusal(signedIn)) return signedIn;
      return { ok: true, body: describeSession(signedIn), refreshToken: cookieOf(signedIn) };
    },
    login: async ({ body, address }) => answer(await login.start(body, address)),
    async loginFinish({ body, address }) {
      const finished = await login.finish(body, address);
      if (isRefusal(finished)) return finished;
      return isWanted(finished) ? succeed<'loginFinish'>(finished) : describeAdmitted(finished);
    },
    loginCode: async ({ body, address }) => answer(await loginCode.send(body, address)),
    async loginVerify({ body, address }) {
      const finished = await login.verify(body, address);
      return isRefusal(finished) ? finished : describeAdmitted(finished);
    },
    async refresh({ refreshToken }) {
      if (refreshToken === undefined) return refuse('unauthorized');
      const grant = await sessions.refresh(refreshToken);
      if (isRefusal(grant)) return grant;
      const username = await accounts.findName(grant.session.account);
      if (username === undefined) throw new Error('session of an account that is not there');
      const signedIn = { ...grant, username };
      return { ok: true, body: describeSession(signedIn), refreshToken: cookieOf(signedIn) };
    },
    async logout({ caller }) {
      await sessions.end(caller.id);
      return { ok: true, body: {}, refreshToken: 'cleared' };
    },
  };
}

function isWanted(finished: Admitted | Wanted): finished is Wanted {
  return 'state' in finished;
}

function describeAdmitted({ signedIn, vault }: Admitted) {
  return {
    ok: true,
    body: { state: 'signed_in', session: describeSession(signedIn), vault },
    refreshToken: cookieOf(signedIn),
  } as const;
}
