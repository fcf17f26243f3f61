import { ChatError } from '@sotto/core/page';
import { type FormEvent, type ReactNode, useState } from 'react';
import { type FailureText, failureText } from '../chat/failure-texts.ts';
import { useSnapshot } from '../chat/page-context.tsx';
import { Button } from './button.tsx';
import { FailureNote } from './failure-note.tsx';
import { PasswordField } from './password-field.tsx';
import { useAttempt } from './use-attempt.ts';

interface ConfirmFormProps {
  /** What else is asked for. */
  readonly children?: ReactNode;
  readonly submit: string;
  readonly look?: 'strong' | 'alarm' | 'quiet';
  /** Whether `children` are filled in. */
  readonly isReady?: boolean;
  /** Asks for the password before `children`, and begins there. */
  readonly passwordFirst?: boolean;
  readonly onConfirm: (password: string) => Promise<unknown>;
}

/** A change of how the account is opened: it takes the password again, so that nobody makes it at a desk left open. */
export function ConfirmForm(props: ConfirmFormProps) {
  const { children, submit, look = 'strong', isReady = true, passwordFirst = false, onConfirm } = props;
  const username = useUsername();
  const [password, setPassword] = useState('');
  const { busy, failure, run } = useAttempt(confirmFailureText);
  const ready = isReady && password !== '';
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (ready) void run(() => onConfirm(password));
  };
  return (
    <form onSubmit={send}>
      <input type="text" autoComplete="username" value={username} readOnly hidden />
      {passwordFirst ? null : children}
      <PasswordField
        label="Your password"
        value={password}
        onChange={setPassword}
        autoComplete="current-password"
        autoFocus={passwordFirst || children === undefined}
      />
      {passwordFirst ? children : null}
      <FailureNote text={failure} />
      <div className="step-actions">
        <Button look={look} type="submit" isBusy={busy} isDisabled={!ready}>
          {submit}
        </Button>
      </div>
    </form>
  );
}

function useUsername(): string {
  const { session } = useSnapshot();
  return session.state === 'signed_in' ? session.username : '';
}

/** The name is no question here, so a wrong password is called that. */
function confirmFailureText(error: unknown): FailureText {
  if (!(error instanceof ChatError) || error.code !== 'wrong_credentials') return failureText(error);
  return {
    happened: 'This is not your password.',
    safe: 'Nothing was changed.',
    todo: 'Check it for typing mistakes and try again.',
  };
}
