import { type FormEvent, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { CodeField, isWholeCode } from '../../components/code-field.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { useAttempt } from '../../components/use-attempt.ts';

interface CodeFormProps {
  readonly submit: string;
  readonly length?: 6 | 8;
  readonly onCode: (code: string) => Promise<unknown>;
}

/** One code, as it came by mail or stands in an app. */
export function CodeForm({ submit, length = 8, onCode }: CodeFormProps) {
  const [code, setCode] = useState('');
  const { busy, failure, run } = useAttempt();
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (isWholeCode(code)) void run(() => onCode(code));
  };
  return (
    <form onSubmit={send}>
      <CodeField value={code} onChange={setCode} length={length} autoFocus />
      <FailureNote text={failure} />
      <div className="step-actions">
        <Button look="strong" type="submit" isBusy={busy} isDisabled={!isWholeCode(code)}>
          {submit}
        </Button>
      </div>
    </form>
  );
}
