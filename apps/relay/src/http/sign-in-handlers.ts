import { LIMITS, type Session } from '@sotto/protocol';
import type { Login } from '../auth/login.ts';
import type { Registration, SignedIn } from '../auth/registration.ts';
import type { Sessions } from '../auth/sessions.ts';
import { isRefusal, refuse } from '../refuse.ts';
import type { AccountStore } from '../store/account-store.ts';
import { type Handlers, succeed } from './handlers.ts';

export interface SignInDeps {
  readonly accounts: AccountStore;
  readonly registration: Registration;
  readonly login: Login;
  readonly sessions: Sessions;
}

type SignInHandlers = Pick<
  Handlers,
  'register' | 'registerFinish' | 'login' | 'loginFinish' | 'refresh' | 'logout'
>;

export function createSignInHandlers({
  accounts,
  registration,
  login,
  sessions,
}: SignInDeps): SignInHandlers {
  return {
    async register({ body, address }) {
      const started = await registration.start(body, address);
      return isRefusal(started) ? started : succeed(started);
    },
    async registerFinish({ body, address }) {
      const signedIn = await registration.finish(body, address);
      if (isRefusal(signedIn)) return signedIn;
      return { ok: true, body: describeSession(signedIn), refreshToken: signedIn.refreshToken };
    },
    async login({ body, address }) {
      const started = await login.start(body, address);
      return isRefusal(started) ? started : succeed(started);
    },
    async loginFinish({ body, address }) {
      const finished = await login.finish(body, address);
      if (isRefusal(finished)) return finished;
      const { signedIn, vault } = finished;
      return {
        ok: true,
        body: { session: describeSession(signedIn), vault },
        refreshToken: signedIn.refreshToken,
      };
    },
    async refresh({ refreshToken }) {
      if (refreshToken === undefined) return refuse('unauthorized');
      const grant = await sessions.refresh(refreshToken);
      if (isRefusal(grant)) return grant;
      const username = await accounts.findName(grant.session.account);
      if (username === undefined) throw new Error('session of an account that is not there');
      return { ok: true, body: describeSession({ ...grant, username }), refreshToken: grant.refreshToken };
    },
    async logout({ caller }) {
      await sessions.end(caller.id);
      return { ok: true, body: {}, refreshToken: 'cleared' };
    },
  };
}

function describeSession({ accessToken, session, username }: SignedIn): Session {
  return {
    accessToken,
    expiresIn: LIMITS.accessTokenSeconds,
    account: session.account,
    device: session.device,
    username,
  };
}
