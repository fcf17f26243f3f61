import { ChatError, type RestoreInput } from '@sotto/core/page';
import { type FormEvent, useState } from 'react';
import { type FailureText, failureText } from '../../chat/failure-texts.ts';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { showPasskey } from '../../components/passkey.ts';
import { PasswordField } from '../../components/password-field.tsx';
import { StepHeading } from '../../components/step-heading.tsx';
import { isOver, useAttempt } from '../../components/use-attempt.ts';
import { useVerdict } from '../../components/use-verdict.ts';
import type { RecoverStep, Restore } from './steps.ts';
import '../../components/passage.css';

interface PasswordStepProps {
  readonly username: string;
  /** Keeps nothing here, and does not offer the password to the browser to keep. */
  readonly shared: boolean;
  readonly step: Extract<RecoverStep, { at: 'password' }>;
  /** The way that was chosen did not bring the identity back: another may. */
  readonly onIdentity: (failure: FailureText) => void;
  readonly onOver: (error: unknown) => void;
  readonly onBack: () => void;
}

/** The new password: the last step, which does all of it at once. */
export function PasswordStep({ username, shared, step, onIdentity, onOver, onBack }: PasswordStepProps) {
  const { chat } = usePage();
  const [password, setPassword] = useState('');
  const verdict = useVerdict(password, username);
  const { busy, failure, run } = useAttempt();
  const finish = async () => {
    const { enough } = await chat.judgePassword({ password, username });
    if (!enough) throw new ChatError('password_too_weak');
    try {
      const restore = await restoreInput(step.restore, step.passkey);
      await chat.finishReset({ password, restore, shared });
    } catch (error) {
      if (isOver(error)) return onOver(error);
      if (!isOfIdentity(error) || step.restore === 'known') throw error;
      onIdentity(failureText(error));
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy && password !== '') void run(finish);
  };
  return (
    <div className="passage">
      <StepHeading takesFocus={false}>A new password</StepHeading>
      <p className="passage-lead">
        {LEADS[typeof step.restore === 'string' ? step.restore : 'recovery_key']}
      </p>
      <form className="proof-form" onSubmit={submit} aria-label="A new password">
        {shared ? null : (
          <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
        )}
        <PasswordField
          label="New password"
          value={password}
          onChange={setPassword}
          autoComplete={shared ? 'off' : 'new-password'}
          meter={{ verdict }}
          hint="All your other devices are signed out, and sign in with it again."
          autoFocus
        />
        <FailureNote text={failure} />
        <div className="passage-actions">
          <Button look="quiet" onPress={onBack}>
            Back
          </Button>
          <Button look="strong" type="submit" isDisabled={busy || password === ''}>
            Set password and sign in
          </Button>
        </div>
        <p className="progress" role="status">
          {busy ? 'Sealing your account anew…' : ''}
        </p>
      </form>
    </div>
  );
}

const LEADS: Record<'known' | 'recovery_key' | 'passkey' | 'new_identity', string> = {
  known: 'Your identity comes back with it: your contacts notice nothing.',
  recovery_key: 'Your recovery key brings your identity back: your contacts notice nothing.',
  passkey:
    'You will be asked for your passkey, which brings your identity back: your contacts notice nothing.',
  new_identity: 'You begin with a new identity, and your contacts are told.',
};

function isOfIdentity(error: unknown): boolean {
  return (
    error instanceof ChatError && (error.code === 'recovery_key_wrong' || error.code === 'passkey_refused')
  );
}

async function restoreInput(restore: Restore, passkey: string | undefined): Promise<RestoreInput> {
  if (typeof restore !== 'string') return { way: 'recovery_key', key: restore.key };
  if (restore !== 'passkey') return { way: restore };
  const { credential, prf } = await showPasskey(passkey ?? '');
  if (prf === undefined) throw new ChatError('passkey_refused');
  return { way: 'passkey', credential, prf };
}
