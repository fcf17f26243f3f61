import type { SecurityView } from '@sotto/core/page';

/** The pages of the security settings. */
export type SecurityPlace =
  | 'security'
  | 'password'
  | 'recovery-key'
  | 'test-key'
  | 'email'
  | 'second-step'
  | 'authenticator'
  | 'passkeys'
  | 'add-passkey'
  | 'mail-code'
  | 'recovery-codes';

export const SECURITY_TITLES: Record<SecurityPlace, string> = {
  security: 'Security',
  password: 'Change password',
  'recovery-key': 'Recovery key',
  'test-key': 'Test my key',
  email: 'E-mail',
  'second-step': 'Second step',
  authenticator: 'Authenticator app',
  passkeys: 'Passkeys',
  'add-passkey': 'Add a passkey',
  'mail-code': 'Code by mail',
  'recovery-codes': 'Recovery codes',
};

/** Where Back leads; undefined: out of the security settings. */
export const SECURITY_PARENTS: Record<SecurityPlace, SecurityPlace | undefined> = {
  security: undefined,
  password: 'security',
  'recovery-key': 'security',
  'test-key': 'recovery-key',
  email: 'security',
  'second-step': 'security',
  authenticator: 'second-step',
  passkeys: 'second-step',
  'add-passkey': 'passkeys',
  'mail-code': 'second-step',
  'recovery-codes': 'second-step',
};

/** What every page of the security settings is given. */
export interface SecurityPageProps {
  readonly view: SecurityView;
  /** The page that one comes back from: its row takes the focus. */
  readonly from: SecurityPlace | undefined;
  readonly onGo: (place: SecurityPlace) => void;
  /** Something was changed: what is shown is asked for again. */
  readonly onChanged: () => Promise<unknown>;
}
