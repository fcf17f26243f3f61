import { encodeHex, type RouteResponse } from '@sotto/protocol';
import type { ChainState } from '@sotto/transparency';
import type { AccountNoticeView } from '../chat/account-verbs.ts';
import type { OwnAccount } from './own-vault.ts';

type NoticeKind = AccountNoticeView['kind'];

/** How the account stood when this device looked last. Texts that are compared, none that is shown. */
export interface AccountSeen {
  /** The last sign-ins that the relay told of. */
  readonly signIns: readonly string[];
  /** Devices of the verified chain, in hexadecimal. */
  readonly devices: readonly string[];
  /** Of the vault, which the relay can withhold and not invent; empty where there was none. */
  readonly password: string;
  /** Second factors, and other ways to open the vault. */
  readonly factors: string;
  readonly email: string;
}

/** What is to be told of. `device` in hexadecimal; `time`: the relay's, where it named one. */
export interface AccountChange {
  readonly kind: NoticeKind;
  readonly device: string | undefined;
  readonly time: number | undefined;
}

/** What one look found. All but the chain is the relay's word, and the vault's parts are sealed under its key. */
export interface AccountLook {
  readonly seen: AccountSeen;
  readonly signIns: readonly {
    readonly key: string;
    readonly device: string;
    readonly time: number;
    readonly isReset: boolean;
  }[];
}

export function lookAt(of: {
  readonly chain: ChainState;
  readonly sessions: RouteResponse<'sessions'>;
  readonly own: OwnAccount;
}): AccountLook {
  const { chain, sessions, own } = of;
  const signIns = sessions.signIns.map(({ time, device, method }) => {
    const hex = encodeHex(device);
    return { key: `${time} ${hex} ${method}`, device: hex, time, isReset: method === 'reset' };
  });
  const { wraps } = own.vault;
  const ways = wraps
    .filter(({ kind }) => kind !== 'password')
    .map(({ kind, id }) => `${kind} ${encodeHex(id)}`);
  const passkeys = own.about.passkeys.map(({ id }) => `credential ${encodeHex(id)}`);
  const password = wraps.find(({ kind }) => kind === 'password');
  return {
    seen: {
      signIns: signIns.map(({ key }) => key),
      devices: chain.devices.map(({ id }) => encodeHex(id)),
      password: password === undefined ? '' : encodeHex(password.nonce),
      factors: [...own.about.factors, ...ways, ...passkeys].sort().join(', '),
      email: own.about.email ?? '',
    },
    signIns,
  };
}

export function isSameSeen(a: AccountSeen, b: AccountSeen): boolean {
  const parts = ({ signIns, devices, password, factors, email }: AccountSeen) =>
    JSON.stringify([signIns, devices, password, factors, email]);
  return parts(a) === parts(b);
}

/**
 * What happened between two looks, the newest last. A sign-in of a device that is new is told of once, as the new device.
 * @param mine what this device did itself since: it is told of nothing that it did.
 */
export function changesBetween(
  before: AccountSeen,
  { seen, signIns }: AccountLook,
  mine: { readonly device: string; readonly kinds: ReadonlySet<NoticeKind> },
): AccountChange[] {
  const news = signIns.filter(({ key }) => !before.signIns.includes(key)).reverse();
  const added = seen.devices.filter((device) => !before.devices.includes(device) && device !== mine.device);
  const isOwn = (device: string) => device === mine.device && mine.kinds.has('new_sign_in');
  const hasReset = news.some(({ device, isReset }) => isReset && isOwn(device));
  // One that had no part in the vault yet was not changed.
  const isOther = (former: string, next: string) => former !== '' && former !== next;
  const told = (kind: NoticeKind, changed: boolean): AccountChange[] =>
    changed && !mine.kinds.has(kind) ? [{ kind, device: undefined, time: undefined }] : [];
  return [
    ...added.map((device) => ({
      kind: 'new_device' as const,
      device,
      time: news.find((signIn) => signIn.device === device)?.time,
    })),
    ...news
      .filter(({ device }) => !added.includes(device) && !isOwn(device))
      .map(({ device, time }) => ({ kind: 'new_sign_in' as const, device, time })),
    ...told('password_changed', isOther(before.password, seen.password) && !hasReset),
    ...told('factors_changed', before.factors !== seen.factors),
    ...told('email_changed', before.email !== seen.email),
  ];
}
