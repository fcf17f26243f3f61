import type { FactorMethod } from '@sotto/core/page';
import { type ReactNode, useState } from 'react';
import { FAILURE_TEXTS } from '../../chat/failure-texts.ts';
import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { isShared } from '../../chat/shared.ts';
import { Button } from '../../components/button.tsx';
import { FactorStep } from '../../components/factor-step.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { PasswordField } from '../../components/password-field.tsx';
import { Sheet } from '../../components/sheet.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import './connection-banner.css';

interface SessionEndedProps {
  readonly username: string;
  readonly onSignOut: () => void;
  /** The way back in when the password is forgotten. */
  readonly recover: (onBack: () => void) => ReactNode;
}

type Step =
  | { readonly at: 'password' }
  | { readonly at: 'factor'; readonly methods: readonly FactorMethod[]; readonly passkey: string | undefined }
  | { readonly at: 'recover' };

/** The relay ended the session: the password, and what it asks beyond that, open a new one. Everything here stays. */
export function SessionEnded({ username, onSignOut, recover }: SessionEndedProps) {
  const { chat } = usePage();
  const shared = isShared(useSnapshot());
  const [step, setStep] = useState<Step>({ at: 'password' });
  const attempt = useAttempt();
  const back = () => {
    setStep({ at: 'password' });
    // Nothing may be waiting.
    chat.cancelSignIn({}).catch(() => undefined);
  };
  const signIn = (password: string) =>
    void attempt.run(async () => {
      const next = await chat.signIn({ username, password, shared });
      if (next.state === 'second_factor')
        setStep({ at: 'factor', methods: next.methods, passkey: next.passkey });
    });
  return (
    <Sheet title="Signed out by the relay" role="alertdialog" onClose={() => undefined}>
      {step.at === 'password' ? (
        <PasswordPart
          username={username}
          busy={attempt.busy}
          failure={<FailureNote text={attempt.failure} />}
          onSignIn={signIn}
          onSignOut={onSignOut}
          onForgot={() => {
            attempt.forget();
            setStep({ at: 'recover' });
          }}
        />
      ) : step.at === 'recover' ? (
        recover(back)
      ) : (
        <FactorStep
          title="One more proof"
          methods={step.methods}
          passkey={step.passkey}
          sendCode={() => chat.sendCode({})}
          verify={(proof) => chat.verifySignIn(proof)}
          onOver={(error) => {
            back();
            attempt.fail(error);
          }}
          onBack={back}
        />
      )}
    </Sheet>
  );
}

interface PasswordPartProps {
  readonly username: string;
  readonly busy: boolean;
  readonly failure: ReactNode;
  readonly onSignIn: (password: string) => void;
  readonly onSignOut: () => void;
  readonly onForgot: () => void;
}

function PasswordPart({ username, busy, failure, onSignIn, onSignOut, onForgot }: PasswordPartProps) {
  const [password, setPassword] = useState('');
  const { happened, safe, todo } = FAILURE_TEXTS.session_ended;
  return (
    <form
      className="ended"
      onSubmit={(event) => {
        event.preventDefault();
        onSignIn(password);
      }}
    >
      <p>
        {happened} {safe} {todo}
      </p>
      <input type="text" autoComplete="username" value={username} readOnly hidden />
      <PasswordField value={password} onChange={setPassword} autoComplete="current-password" autoFocus />
      <p className="ended-forgot">
        <Button look="link" onPress={onForgot}>
          Forgot password?
        </Button>
      </p>
      {failure}
      <div className="ended-actions">
        <Button look="plain" isDisabled={busy} onPress={onSignOut}>
          Wipe this device…
        </Button>
        <Button look="strong" type="submit" isDisabled={busy || password === ''}>
          Sign in
        </Button>
      </div>
    </form>
  );
}
