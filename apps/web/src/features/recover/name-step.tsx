import type { FormEvent } from 'react';
import { Input, Label, TextField } from 'react-aria-components';
import { useSnapshot } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { StepHeading } from '../../components/step-heading.tsx';
import type { Attempt } from '../../components/use-attempt.ts';
import '../../components/passage.css';

interface NameStepProps {
  readonly name: string;
  readonly onName: (name: string) => void;
  readonly attempt: Attempt;
  readonly onBegin: () => void;
  readonly onBack: () => void;
}

/** Whose password it is, and what to know before going on. */
export function NameStep({ name, onName, attempt, onBegin, onBack }: NameStepProps) {
  const { relay } = useSnapshot();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!attempt.busy && name.trim() !== '') onBegin();
  };
  return (
    <div className="passage">
      <StepHeading>Forgot password</StepHeading>
      <p className="passage-note">
        <strong>Still signed in on another device?</strong> Stop here, and change the password there: then
        nothing is lost.
      </p>
      <form className="proof-form" onSubmit={submit} aria-label="Forgot password">
        <TextField className="field" value={name} onChange={onName} isRequired validationBehavior="aria">
          <Label>Username</Label>
          <Input autoComplete="username" autoCapitalize="none" spellCheck="false" maxLength={64} />
        </TextField>
        {relay?.mail === false ? <WithoutMail /> : <WithMail />}
        <FailureNote text={attempt.failure} />
        <div className="passage-actions">
          <Button look="quiet" onPress={onBack}>
            Back
          </Button>
          <Button look="strong" type="submit" isDisabled={attempt.busy || name.trim() === ''}>
            Continue
          </Button>
        </div>
      </form>
    </div>
  );
}

function WithMail() {
  return (
    <p className="passage-lead">
      Next you prove that the account is yours: with a code sent to its e-mail address, or with the recovery
      key you printed. Without either, nobody can open it, and whoever runs this relay cannot either.
    </p>
  );
}

function WithoutMail() {
  return (
    <p className="passage-lead">
      This relay sends no mail, so only the recovery key you printed proves that the account is yours. Without
      it nothing can be done, and asking whoever runs this relay is of no use: nothing there knows your
      password or can open the account.
    </p>
  );
}
