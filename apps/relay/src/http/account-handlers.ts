import { encodeHex, equalBytes, LIMITS } from '@sotto/protocol';
import { labelDevice, readActivity } from '../auth/account-activity.ts';
import type { AccountCredentials } from '../auth/account-credentials.ts';
import { readProofs } from '../auth/account-proofs.ts';
import type { Confirmation } from '../auth/confirmation.ts';
import type { RateLimiter } from '../auth/rate-limiter.ts';
import { listFactors } from '../auth/second-factors.ts';
import type { Sessions } from '../auth/sessions.ts';
import { readSignIns } from '../auth/sign-in-history.ts';
import { isRefusal, refuse } from '../refuse.ts';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import type { AccountStore } from '../store/account-store.ts';
import { answer, done } from './answers.ts';
import { type Handlers, succeed } from './handlers.ts';

export interface AccountHandlersDeps {
  readonly accounts: AccountStore;
  readonly records: AccountRecordStore;
  readonly sessions: Sessions;
  readonly limiter: RateLimiter;
  readonly confirmation: Confirmation;
  readonly accountCredentials: AccountCredentials;
}

type AccountHandlers = Pick<
  Handlers,
  | 'account'
  | 'confirm'
  | 'confirmFinish'
  | 'changePassword'
  | 'changePasswordFinish'
  | 'putVault'
  | 'sessions'
  | 'endSessions'
  | 'setLabel'
  | 'deleteAccount'
>;

const HOUR = 3600;
const LABELS_PER_HOUR = 60;

export function createAccountHandlers(deps: AccountHandlersDeps): AccountHandlers {
  const { accounts, records, sessions, limiter, confirmation, accountCredentials } = deps;
  return {
    async account({ caller }) {
      const account = await accounts.find(caller.account);
      if (account === undefined) return refuse('session_ended');
      const { proofs } = await readProofs(records, caller.account);
      return succeed({
        vault: { bytes: account.vault, version: account.vaultVersion },
        email: proofs.email,
        factors: listFactors(proofs),
        recoveryCodesLeft: proofs.recoveryCodes.length,
        passkeys: proofs.passkeys.map(({ id, label, addedAt }) => ({ id, label, addedAt })),
        recoveryKey: account.recoveryHash !== undefined,
      });
    },
    confirm: async ({ body, caller, address }) => answer(await confirmation.start(body, caller, address)),
    confirmFinish: async ({ body, caller, address }) =>
      answer(await confirmation.finish(body, caller, address)),
    changePassword: async ({ body, caller }) => answer(await accountCredentials.startPassword(body, caller)),
    changePasswordFinish: async ({ body, caller }) =>
      done(await accountCredentials.finishPassword(body, caller)),
    putVault: async ({ body, caller }) => answer(await accountCredentials.putVault(body, caller)),
    async sessions({ caller }) {
      const open = await sessions.list(caller.account);
      const { labels, signIns: earlier } = await readActivity(records, caller.account);
      return succeed({
        sessions: open.slice(-LIMITS.listedSessions).map((session) => ({
          id: session.id,
          device: session.device,
          current: equalBytes(session.id, caller.id),
          shared: session.shared,
          openedAt: session.openedAt,
          renewedAt: session.renewedAt,
        })),
        labels,
        signIns: await readSignIns(records, caller.account, earlier),
      });
    },
    async endSessions({ body, caller }) {
      if (body.session === undefined) {
        await sessions.endAll(caller.account, caller.id);
        return succeed({});
      }
      const wanted = body.session;
      // Only one's own: the id stands in an access token, and is no secret to whoever was shown one.
      const own = (await sessions.list(caller.account)).find(({ id }) => equalBytes(id, wanted));
      if (own === undefined) return refuse('not_found');
      await sessions.end(own.id);
      return succeed({});
    },
    async setLabel({ body, caller }) {
      // Sign-ins are kept in the same record: who writes it without end would keep others from theirs.
      const wait = await limiter.take(`label ${encodeHex(caller.account)}`, LABELS_PER_HOUR, HOUR);
      if (wait !== undefined) return refuse('rate_limited', wait);
      await labelDevice(records, caller.account, caller.device, body.label);
      return succeed({});
    },
    async deleteAccount({ body, caller }) {
      const refused = done(await accountCredentials.close(body, caller));
      return isRefusal(refused) ? refused : { ...refused, refreshToken: 'cleared' };
    },
  };
}
