/**
 * What a person does with an account: getting in, getting back in, securing it, leaving it. The other half of the chat verbs.
 * Ids are lower-case hexadecimal. Passwords, codes, recovery keys and PRF outputs go in and never come out again, but for a
 * recovery key and recovery codes, which are shown once when they are made.
 */

/**
 * What passkeys' PRF is evaluated at, base64url of SHA-256("sotto vault prf v1"): one output for each passkey, from which core
 * derives a key for each use. A constant of the build: whoever could choose it could ask a passkey for something else.
 */
export const PRF_SALT = 'RIvSYY_o37MbAFAthvl1A0FRbxm2PeaWCEe3nwHYqzs';

export type FactorMethod = 'mail' | 'totp' | 'passkey' | 'recovery_code' | 'recovery_key';

/**
 * What the page gives for a proof. `passkey`: JSON that `navigator.credentials.get` gave, and the output of its PRF extension
 * for `PRF_SALT` where it had one. `recovery_key`: as printed; case, spaces and dashes do not matter.
 */
export type ProofInput =
  | { readonly method: 'mail' | 'totp' | 'recovery_code'; readonly code: string }
  | { readonly method: 'passkey'; readonly response: string; readonly prf?: Uint8Array | undefined }
  | { readonly method: 'recovery_key'; readonly key: string };

/** `second_factor`: `verifySignIn` with one of the methods goes on. `passkey`: JSON of WebAuthn request options. */
export type SignInStep =
  | { readonly state: 'signed_in' }
  | {
      readonly state: 'second_factor';
      readonly methods: readonly FactorMethod[];
      readonly passkey?: string | undefined;
    };

/** How the identity can come back when the password is forgotten. `new_identity` is always possible, and is a loss. */
export type RestoreWay = 'this_device' | 'recovery_key' | 'passkey' | 'new_identity';

/**
 * `choose`: the account was proved; `ways` says what would bring its identity back here. `known`: whether a way that keeps the
 * identity is at hand already (this device has it, or the proof just given opens the vault).
 */
export type ResetStep =
  | {
      readonly state: 'second_factor';
      readonly methods: readonly FactorMethod[];
      readonly passkey?: string | undefined;
    }
  | {
      readonly state: 'choose';
      readonly ways: readonly RestoreWay[];
      readonly known: boolean;
      /** JSON of WebAuthn request options with the PRF extension, where a passkey has a wrap in the vault. */
      readonly passkey?: string | undefined;
    };

export type RestoreInput =
  | { readonly way: 'known' | 'new_identity' }
  | { readonly way: 'recovery_key'; readonly key: string }
  | { readonly way: 'passkey'; readonly credential: string; readonly prf: Uint8Array };

/** `score` 0 to 4 as zxcvbn has it. `enough`: twelve characters or score 3, and no common password. */
export interface PasswordVerdict {
  readonly score: number;
  readonly enough: boolean;
  readonly reason: 'too_short' | 'too_common' | 'too_guessable' | 'like_the_name' | undefined;
}

export interface PasskeyView {
  /** base64url of the credential id. */
  readonly id: string;
  readonly name: string | undefined;
  readonly addedAt: number;
  /** Whether it opens the vault. */
  readonly opensVault: boolean;
}

/** How the account is secured, as the relay and the vault have it. */
export interface SecurityView {
  readonly email: string | undefined;
  readonly factors: readonly FactorMethod[];
  readonly recoveryCodesLeft: number;
  readonly passkeys: readonly PasskeyView[];
  readonly recoveryKey: boolean;
}

/** A device of the own account's chain that is not revoked. */
export interface DeviceView {
  readonly device: string;
  /** Given by its owner, known to the account's own devices only. */
  readonly name: string | undefined;
  readonly current: boolean;
  /** Undefined: it is signed out at the relay. */
  readonly session:
    | { readonly id: string; readonly shared: boolean; readonly openedAt: number; readonly renewedAt: number }
    | undefined;
}

export interface DevicesView {
  readonly devices: readonly DeviceView[];
  /** Newest first. `method`: how it was proved. */
  readonly signIns: readonly { readonly time: number; readonly device: string; readonly method: string }[];
}

/** Something that happened to the account elsewhere, until the person has seen it. */
export interface AccountNoticeView {
  readonly id: string;
  readonly kind: 'new_sign_in' | 'new_device' | 'password_changed' | 'factors_changed' | 'email_changed';
  readonly device: string | undefined;
  readonly time: number;
}

/** What the relay says of itself; undefined until it was reached. */
export interface RelayView {
  readonly directory: 'exact' | 'open';
  readonly registration: 'open' | 'invite' | 'closed';
  readonly mail: boolean;
  readonly emailRequired: boolean;
}

export interface AccountVerbs {
  /** Judged here, against a bundled list; nothing leaves this device. */
  judgePassword(input: { password: string; username: string }): Promise<PasswordVerdict>;
  /** Sends a code to an address, before the account is made. `invite`: base64url, from the link. */
  startEmail(input: { email: string; invite?: string | undefined }): Promise<void>;
  /** The code that came; `register` then takes the address along. */
  confirmEmail(input: { code: string }): Promise<void>;
  /** `shared`: keeps nothing on this computer. */
  register(input: {
    username: string;
    password: string;
    invite?: string | undefined;
    shared?: boolean | undefined;
  }): Promise<void>;
  signIn(input: { username: string; password: string; shared?: boolean | undefined }): Promise<SignInStep>;
  /** Sends the mail code of a sign-in or reset that waits for its second factor. */
  sendCode(input: Record<string, never>): Promise<void>;
  verifySignIn(input: ProofInput): Promise<void>;
  /** Begins a reset; says the same whether or not there is such an account, or an address for it. */
  forgotPassword(input: { username: string }): Promise<void>;
  proveReset(input: ProofInput): Promise<ResetStep>;
  /** The new password. Other sessions end; `new_identity` shows to every contact. `shared`: keeps nothing on this computer. */
  finishReset(input: {
    password: string;
    restore: RestoreInput;
    shared?: boolean | undefined;
  }): Promise<void>;
  /** Forgets a sign-in or reset that waits for its next step. */
  cancelSignIn(input: Record<string, never>): Promise<void>;

  security(input: Record<string, never>): Promise<SecurityView>;
  changePassword(input: { current: string; next: string }): Promise<void>;
  /** Makes a recovery key; an earlier one is void. Shown this once. */
  makeRecoveryKey(input: { password: string }): Promise<{ readonly key: string }>;
  /** Whether this key opens the vault as it is now. */
  testRecoveryKey(input: { key: string }): Promise<{ readonly opens: boolean }>;
  changeEmail(input: { password: string; email: string }): Promise<void>;
  confirmEmailChange(input: { code: string }): Promise<void>;
  removeEmail(input: { password: string }): Promise<void>;
  setMailFactor(input: { password: string; on: boolean }): Promise<void>;
  startTotp(input: { password: string }): Promise<{ readonly secret: string; readonly uri: string }>;
  finishTotp(input: { code: string }): Promise<{ readonly recoveryCodes: readonly string[] }>;
  removeTotp(input: { password: string }): Promise<void>;
  renewRecoveryCodes(input: { password: string }): Promise<{ readonly recoveryCodes: readonly string[] }>;
  /** JSON of WebAuthn creation options, the PRF extension with `PRF_SALT` among them. */
  startPasskey(input: { password: string }): Promise<{ readonly options: string }>;
  /** With `prf` the passkey also opens the vault. */
  finishPasskey(input: {
    response: string;
    name: string;
    prf?: Uint8Array | undefined;
  }): Promise<{ readonly recoveryCodes: readonly string[] | undefined }>;
  removePasskey(input: { password: string; id: string }): Promise<void>;

  devices(input: Record<string, never>): Promise<DevicesView>;
  nameDevice(input: { name: string }): Promise<void>;
  /** Ends one session, or all but this one. The devices stay in the chain and may sign in again. */
  endSessions(input: { session?: string | undefined }): Promise<void>;
  /** Revokes a device for good: it stands in no conversation any more. */
  removeDevice(input: { device: string }): Promise<void>;
  dismissNotice(input: { id: string }): Promise<void>;
  /** Ends the account everywhere and wipes this device. Nobody gets the name again. */
  deleteAccount(input: { password: string }): Promise<void>;

  /** Locks after `minutes` without `noteActivity`, and whenever Sotto is opened. The passphrase never leaves this device. */
  setLock(input: { passphrase: string; minutes: number }): Promise<void>;
  /** Lets a passkey with PRF open the lock, too. `credential`: base64url. */
  setLockPasskey(input: { credential: string; prf: Uint8Array }): Promise<void>;
  removeLock(input: Record<string, never>): Promise<void>;
  /** Drops all keys from memory until `unlock`. */
  lock(input: Record<string, never>): Promise<void>;
  unlock(
    input:
      | { readonly way: 'passphrase'; readonly passphrase: string }
      | { readonly way: 'passkey'; readonly credential: string; readonly prf: Uint8Array },
  ): Promise<void>;
  /** Wipes a locked device whose passphrase is lost. The account stays. */
  wipeLocked(input: Record<string, never>): Promise<void>;
  noteActivity(input: Record<string, never>): Promise<void>;
}
