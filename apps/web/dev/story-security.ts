import {
  type Chat,
  ChatError,
  type DevicesView,
  type DeviceView,
  type FactorMethod,
  PRF_SALT,
  type SecurityView,
} from '@sotto/core/page';
import { checkRecoveryKey } from './story-account.ts';
import { reply, type Stage, type StoryName } from './story-stage.ts';

/** Securing an account, told from memory: passwords under twelve characters are wrong, codes of zeros too. */

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const RECOVERY_KEY = '7W3K-QM2T-9XPA-4HNC-V8ZD-E5RB-1YGJ-6FS0-TK4M';

const RECOVERY_CODES = Array.from(
  { length: 10 },
  (_, place) =>
    `${(place * 7_919 + 31_337).toString(36).padStart(5, 'k').slice(-5)}-${(place + 9) ** 4 % 89_999}x`,
);

const PASSKEY_CREATION = JSON.stringify({
  rp: { name: 'Sotto', id: 'localhost' },
  user: { id: 'YWxpY2U', name: 'alice', displayName: 'alice' },
  challenge: 'c3RvcnktY2hhbGxlbmdlLXN0b3J5LWNoYWxsZW5nZQ',
  pubKeyCredParams: [
    { type: 'public-key', alg: -8 },
    { type: 'public-key', alg: -7 },
    { type: 'public-key', alg: -257 },
  ],
  authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  extensions: { prf: { eval: { first: PRF_SALT } } },
});

interface Told {
  security: SecurityView;
  devices: DevicesView;
  pendingEmail: string | undefined;
}

/** Nothing yet for who has just begun; `secured` has everything; everybody else has a recovery key. */
function securityOf(story: StoryName, now: number): SecurityView {
  if (story === 'secured')
    return {
      email: 'alice@example.org',
      factors: ['totp', 'passkey', 'mail'],
      recoveryCodesLeft: 2,
      passkeys: [
        { id: 'c3RvcnktcGFzc2tleQ', name: 'Laptop', addedAt: now - 30 * DAY, opensVault: true },
        { id: 'c3Rvcnktb3RoZXI', name: undefined, addedAt: now - 3 * DAY, opensVault: false },
      ],
      recoveryKey: true,
    };
  const begins = story === 'empty' || story === 'signed-out';
  return { email: undefined, factors: [], recoveryCodesLeft: 0, passkeys: [], recoveryKey: !begins };
}

function startOf(story: StoryName, now: number): Told {
  const session = (id: string, days: number) => ({
    id,
    shared: false,
    openedAt: now - days * DAY,
    renewedAt: now - 3 * MINUTE,
  });
  const devices: readonly DeviceView[] = [
    { device: '9c027b1e44', name: 'Desk', current: true, session: session('5e01', 12) },
    { device: '4f1a20c7d0', name: 'Phone', current: false, session: session('5e02', 40) },
    { device: '77b3e0aa12', name: undefined, current: false, session: undefined },
  ];
  return {
    pendingEmail: undefined,
    security: securityOf(story, now),
    devices: {
      devices,
      signIns: [
        { time: now - 3 * MINUTE, device: '9c027b1e44', method: 'password' },
        { time: now - 2 * DAY, device: '4f1a20c7d0', method: 'totp' },
        { time: now - 40 * DAY, device: '77b3e0aa12', method: 'mail' },
      ],
    },
  };
}

function checkPassword(password: string): void {
  if (password.length < 12) throw new ChatError('wrong_credentials');
}

function checkCode(code: string): void {
  if (/^0+$/.test(code)) throw new ChatError('code_wrong');
}

function withFactor(security: SecurityView, method: FactorMethod, on: boolean): SecurityView {
  const others = security.factors.filter((factor) => factor !== method);
  return { ...security, factors: on ? [...others, method] : others };
}

type VaultVerbs =
  | 'security'
  | 'changePassword'
  | 'makeRecoveryKey'
  | 'testRecoveryKey'
  | 'changeEmail'
  | 'confirmEmailChange'
  | 'removeEmail'
  | 'setMailFactor';

function vaultVerbs(told: Told): Pick<Chat, VaultVerbs> {
  return {
    async security() {
      await reply();
      return told.security;
    },
    async changePassword({ current, next }) {
      await reply();
      checkPassword(current);
      if (next.length < 12) throw new ChatError('password_too_weak');
    },
    async makeRecoveryKey({ password }) {
      await reply();
      checkPassword(password);
      told.security = { ...told.security, recoveryKey: true };
      return { key: RECOVERY_KEY };
    },
    async testRecoveryKey({ key }) {
      await reply();
      checkRecoveryKey(key);
      return { opens: key.replaceAll(/[\s-]/g, '').toUpperCase() === RECOVERY_KEY.replaceAll('-', '') };
    },
    async changeEmail({ password, email }) {
      await reply();
      checkPassword(password);
      if (!/^[^@\s]+@[^@\s]+$/.test(email)) throw new ChatError('email_invalid');
      told.pendingEmail = email;
    },
    async confirmEmailChange({ code }) {
      await reply();
      checkCode(code);
      told.security = { ...told.security, email: told.pendingEmail };
    },
    async removeEmail({ password }) {
      await reply();
      checkPassword(password);
      told.security = { ...withFactor(told.security, 'mail', false), email: undefined };
    },
    async setMailFactor({ password, on }) {
      await reply();
      checkPassword(password);
      told.security = withFactor(told.security, 'mail', on);
    },
  };
}

type FactorVerbs =
  | 'startTotp'
  | 'finishTotp'
  | 'removeTotp'
  | 'renewRecoveryCodes'
  | 'startPasskey'
  | 'finishPasskey'
  | 'removePasskey';

function factorVerbs(told: Told): Pick<Chat, FactorVerbs> {
  const renew = () => {
    told.security = { ...told.security, recoveryCodesLeft: RECOVERY_CODES.length };
    return RECOVERY_CODES;
  };
  return {
    async startTotp({ password }) {
      await reply();
      checkPassword(password);
      const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
      return { secret, uri: `otpauth://totp/Sotto:alice?secret=${secret}&issuer=Sotto` };
    },
    async finishTotp({ code }) {
      await reply();
      checkCode(code);
      told.security = withFactor(told.security, 'totp', true);
      return { recoveryCodes: renew() };
    },
    async removeTotp({ password }) {
      await reply();
      checkPassword(password);
      told.security = withFactor(told.security, 'totp', false);
    },
    async renewRecoveryCodes({ password }) {
      await reply();
      checkPassword(password);
      return { recoveryCodes: renew() };
    },
    async startPasskey({ password }) {
      await reply();
      checkPassword(password);
      return { options: PASSKEY_CREATION };
    },
    async finishPasskey({ response, name, prf }) {
      await reply();
      const { id } = JSON.parse(response) as { id: string };
      const passkey = { id, name, addedAt: Date.now(), opensVault: prf !== undefined };
      const { passkeys, recoveryCodesLeft } = told.security;
      told.security = { ...withFactor(told.security, 'passkey', true), passkeys: [...passkeys, passkey] };
      return { recoveryCodes: recoveryCodesLeft === 0 ? renew() : undefined };
    },
    async removePasskey({ password, id }) {
      await reply();
      checkPassword(password);
      const passkeys = told.security.passkeys.filter((passkey) => passkey.id !== id);
      told.security = { ...withFactor(told.security, 'passkey', passkeys.length > 0), passkeys };
    },
  };
}

type DeviceVerbs =
  | 'devices'
  | 'nameDevice'
  | 'endSessions'
  | 'removeDevice'
  | 'dismissNotice'
  | 'deleteAccount';

function deviceVerbs(told: Told, { publish, snapshot, threads }: Stage): Pick<Chat, DeviceVerbs> {
  const change = (update: (device: DeviceView) => DeviceView | undefined) => {
    const devices = told.devices.devices.flatMap((device) => update(device) ?? []);
    told.devices = { ...told.devices, devices };
  };
  return {
    async devices() {
      await reply();
      return told.devices;
    },
    async nameDevice({ name }) {
      await reply();
      change((device) => (device.current ? { ...device, name } : device));
    },
    async endSessions({ session }) {
      await reply();
      const ends = ({ session: open, current }: DeviceView) =>
        session === undefined ? !current : open?.id === session;
      change((device) => (ends(device) ? { ...device, session: undefined } : device));
    },
    async removeDevice({ device: removed }) {
      await reply();
      change((device) => (device.device === removed ? undefined : device));
    },
    async dismissNotice({ id }) {
      publish({ notices: snapshot().notices.filter((notice) => notice.id !== id) });
    },
    async deleteAccount({ password }) {
      await reply();
      checkPassword(password);
      threads.clear();
      publish({ session: { state: 'signed_out' } });
    },
  };
}

export function securityStory(stage: Stage): Pick<Chat, VaultVerbs | FactorVerbs | DeviceVerbs> {
  const told = startOf(stage.story, Date.now());
  return { ...vaultVerbs(told), ...factorVerbs(told), ...deviceVerbs(told, stage) };
}
