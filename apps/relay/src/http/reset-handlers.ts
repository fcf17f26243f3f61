import type { Reset } from '../auth/reset.ts';
import type { ResetFinish } from '../auth/reset-finish.ts';
import { isRefusal } from '../refuse.ts';
import { answer, cookieOf, describeSession } from './answers.ts';
import type { Handlers } from './handlers.ts';

export interface ResetHandlersDeps {
  readonly reset: Reset;
  readonly resetFinish: ResetFinish;
}

type ResetHandlers = Pick<
  Handlers,
  'forgotPassword' | 'resetPassword' | 'resetPasswordRecord' | 'resetPasswordChain' | 'resetPasswordFinish'
>;

export function createResetHandlers({ reset, resetFinish }: ResetHandlersDeps): ResetHandlers {
  return {
    forgotPassword: async ({ body, address }) => answer(await reset.start(body, address)),
    resetPassword: async ({ body, address }) => answer(await reset.prove(body, address)),
    resetPasswordRecord: async ({ body }) => answer(await resetFinish.record(body)),
    resetPasswordChain: async ({ body }) => answer(await resetFinish.readChain(body)),
    async resetPasswordFinish({ body, address }) {
      const signedIn = await resetFinish.finish(body, address);
      if (isRefusal(signedIn)) return signedIn;
      return { ok: true, body: describeSession(signedIn), refreshToken: cookieOf(signedIn) };
    },
  };
}
