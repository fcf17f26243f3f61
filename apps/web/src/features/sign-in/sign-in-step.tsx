import { type FormEvent, useState } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { CodeField, isWholeCode } from '../../components/code-field.tsx';
import { FactorStep } from '../../components/factor-step.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { Resend } from '../../components/resend.tsx';
import { StepHeading } from '../../components/step-heading.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import type { Entry, EntryStep } from './use-entry.ts';
import '../../components/passage.css';

interface SignInStepProps {
  readonly step: Extract<EntryStep, { at: 'email' | 'factor' }>;
  readonly email: string;
  readonly entry: Entry;
}

/** What a sign-in or a new account asks for after the card. */
export function SignInStep({ step, email, entry }: SignInStepProps) {
  const { chat } = usePage();
  if (step.at === 'email') return <EmailCode email={email} entry={entry} />;
  return (
    <FactorStep
      title="One more proof"
      methods={step.methods}
      passkey={step.passkey}
      sendCode={() => chat.sendCode({})}
      verify={(proof) => chat.verifySignIn(proof)}
      onOver={entry.over}
      onBack={entry.back}
    />
  );
}

/** The code that proves an address, before there is an account. */
function EmailCode({ email, entry }: { readonly email: string; readonly entry: Entry }) {
  const { chat, invite } = usePage();
  const [code, setCode] = useState('');
  const [sends, setSends] = useState(0);
  const { busy, failure, run } = useAttempt();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy && isWholeCode(code)) void run(() => entry.finishCreate(code));
  };
  const resend = () =>
    void run(async () => {
      await chat.startEmail({ email, invite });
      setCode('');
      setSends((before) => before + 1);
    });
  return (
    <div className="passage">
      <StepHeading takesFocus={false}>Is this your address?</StepHeading>
      <p className="passage-lead">
        A code with eight digits is on its way to <strong>{email}</strong>.
      </p>
      <form className="proof-form" onSubmit={submit} aria-label="Code by mail">
        <CodeField key={sends} value={code} onChange={setCode} length={8} autoFocus />
        <Resend key={`again ${sends}`} isDisabled={busy} onSend={resend} />
        <FailureNote text={failure} />
        <div className="passage-actions">
          <Button look="quiet" onPress={entry.back}>
            Back
          </Button>
          <Button look="strong" type="submit" isDisabled={busy || !isWholeCode(code)}>
            Create account
          </Button>
        </div>
        <p className="progress" role="status">
          {busy ? 'Making your keys on this device…' : ''}
        </p>
      </form>
    </div>
  );
}
