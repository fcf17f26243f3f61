import type { ComponentType } from 'react';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { Step } from '../../components/step.tsx';
import { AddPasskey } from './add-passkey.tsx';
import { Authenticator } from './authenticator.tsx';
import { ChangePassword } from './change-password.tsx';
import { EmailPage } from './email-page.tsx';
import { MailCode } from './mail-code.tsx';
import { Passkeys } from './passkeys.tsx';
import { SECURITY_TITLES, type SecurityPageProps, type SecurityPlace } from './places.ts';
import { RecoveryCodes } from './recovery-codes.tsx';
import { RecoveryKey } from './recovery-key.tsx';
import { SecondStep } from './second-step.tsx';
import { SecurityOverview } from './security-overview.tsx';
import { TestKey } from './test-key.tsx';
import { useSecurity } from './use-security.ts';
import './security.css';

const PAGES: Record<SecurityPlace, ComponentType<SecurityPageProps>> = {
  security: SecurityOverview,
  password: ChangePassword,
  'recovery-key': RecoveryKey,
  'test-key': TestKey,
  email: EmailPage,
  'second-step': SecondStep,
  authenticator: Authenticator,
  passkeys: Passkeys,
  'add-passkey': AddPasskey,
  'mail-code': MailCode,
  'recovery-codes': RecoveryCodes,
};

interface SecurityAreaProps {
  readonly place: SecurityPlace;
  readonly from: SecurityPlace | undefined;
  readonly onGo: (place: SecurityPlace) => void;
}

/** The security settings: what stands now is asked for once, and again after each change. */
export function SecurityArea({ place, from, onGo }: SecurityAreaProps) {
  const { view, busy, failure, reload } = useSecurity();
  const Page = PAGES[place];
  return (
    <Step key={place} label={SECURITY_TITLES[place]}>
      <FailureNote text={failure} />
      {failure === undefined ? null : (
        <Button look="quiet" isBusy={busy} onPress={() => void reload()}>
          Try again
        </Button>
      )}
      {view === undefined ? (
        <p className="security-waiting" role="status">
          {failure === undefined ? 'Asking the relay…' : ''}
        </p>
      ) : (
        <Page view={view} from={from} onGo={onGo} onChanged={reload} />
      )}
    </Step>
  );
}
