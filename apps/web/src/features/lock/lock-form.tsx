import { type FormEvent, useState } from 'react';
import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { Choices } from '../../components/choices.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { PasswordField } from '../../components/password-field.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import { useVerdict } from '../../components/use-verdict.ts';

const MINUTES = [
  { value: '1', text: '1 min' },
  { value: '5', text: '5 min' },
  { value: '15', text: '15 min' },
  { value: '60', text: '1 hour' },
] as const;

type Minutes = (typeof MINUTES)[number]['value'];

interface LockFormProps {
  /** The time that is set now. */
  readonly minutes: number | undefined;
  readonly submit: string;
  readonly onDone: () => void;
}

/** A passphrase, typed twice, and a time. It is judged as a password is: whoever takes the disk may try for years. */
export function LockForm({ minutes: set, submit, onDone }: LockFormProps) {
  const { chat } = usePage();
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const [minutes, setMinutes] = useState<Minutes>(() => nearest(set));
  const { session } = useSnapshot();
  const verdict = useVerdict(passphrase, session.state === 'signed_in' ? session.username : '');
  const { busy, failure, run } = useAttempt();
  const differs = again !== '' && !passphrase.startsWith(again);
  const ready = verdict?.enough === true && passphrase === again;
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (ready && (await run(() => chat.setLock({ passphrase, minutes: Number(minutes) })))) onDone();
  };
  return (
    <form onSubmit={(event) => void send(event)}>
      <PasswordField
        label="Passphrase"
        value={passphrase}
        onChange={setPassphrase}
        autoComplete="off"
        meter={{ verdict }}
        hint="If you forget it, this device must be wiped; your account stays."
        autoFocus
      />
      <PasswordField
        label="The same again"
        value={again}
        onChange={setAgain}
        autoComplete="off"
        hint={differs ? 'These two differ.' : undefined}
      />
      <Choices label="Lock after" value={minutes} options={MINUTES} onChange={setMinutes} />
      <FailureNote text={failure} />
      <div className="step-actions">
        <Button look="strong" type="submit" isBusy={busy} isDisabled={!ready}>
          {submit}
        </Button>
      </div>
    </form>
  );
}

function nearest(set: number | undefined): Minutes {
  return MINUTES.find(({ value }) => Number(value) === set)?.value ?? '5';
}
