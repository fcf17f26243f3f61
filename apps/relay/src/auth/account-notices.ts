import { type AccountId, type Email, encodeHex, type NoticeOf, type Username } from '@sotto/protocol';
import type { Clock } from '../clock.ts';
import type { Mailer } from '../mail/mailer.ts';
import { noticeMail } from '../mail/texts.ts';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import { readProofs } from './account-proofs.ts';
import type { RateLimiter } from './rate-limiter.ts';

type Change = NoticeOf<'account:changed'>['what'];
type NoticeKind = Parameters<typeof noticeMail>[0]['what'];

/** Tells the owner what happened to the account. A hint and a courtesy: what happened stands, told or not. */
export interface AccountNotices {
  /** `mail`: also written to the account's address, or to `to` when that is not its own any more. */
  tell(of: {
    readonly account: AccountId;
    readonly username: Username;
    readonly change: Change;
    readonly mail?: NoticeKind | undefined;
    readonly to?: Email | undefined;
  }): Promise<void>;
}

export interface AccountNoticesDeps {
  readonly records: AccountRecordStore;
  readonly mailer: Mailer;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly origin: () => string;
  /** The live devices of an account that are connected here. */
  readonly notifyAccount: (account: AccountId, name: 'account:changed', notice: { what: Change }) => void;
  /** Told when a mail could not be queued. */
  readonly report: (error: unknown) => void;
}

const HOUR = 3600;
const DAY_MS = 24 * HOUR * 1000;
/** Nobody who has a password can fill its owner's mailbox. */
const MAILS_PER_HOUR = 20;

export function createAccountNotices(deps: AccountNoticesDeps): AccountNotices {
  const { records, mailer, limiter, clock, origin, notifyAccount, report } = deps;
  const write = async (
    account: AccountId,
    username: Username,
    what: NoticeKind,
    given: Email | undefined,
  ): Promise<void> => {
    const to = given ?? (await readProofs(records, account)).proofs.email;
    if (to === undefined) return;
    const wait = await limiter.take(`notices ${encodeHex(account)}`, MAILS_PER_HOUR, HOUR);
    if (wait !== undefined) return;
    const time = clock();
    const text = noticeMail({ what, username, time, origin: origin() });
    await mailer.send({ to, ...text, expiresAt: time + DAY_MS });
  };
  return {
    async tell({ account, username, change, mail, to }) {
      notifyAccount(account, 'account:changed', { what: change });
      if (mail === undefined || !mailer.on) return;
      try {
        await write(account, username, mail, to);
      } catch (error) {
        report(error);
      }
    },
  };
}
