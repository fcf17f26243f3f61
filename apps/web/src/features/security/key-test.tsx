import { type FormEvent, useState } from 'react';
import { FAILURE_TEXTS } from '../../chat/failure-texts.ts';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { DoneNote } from '../../components/done-note.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { isWholeKey, RecoveryKeyField } from '../../components/recovery-key-field.tsx';
import { Step } from '../../components/step.tsx';
import { useAttempt } from '../../components/use-attempt.ts';

interface KeyTestProps {
  /** While the key is still at hand. */
  readonly onShowAgain?: () => void;
  readonly onDone: () => void;
}

/** Types the key from paper, to know that it opens the account before it is needed. */
export function KeyTest({ onShowAgain, onDone }: KeyTestProps) {
  const { chat } = usePage();
  const [key, setKey] = useState('');
  const [outcome, setOutcome] = useState<'opens' | 'does_not'>();
  const { busy, failure, run } = useAttempt();
  const test = (event: FormEvent) => {
    event.preventDefault();
    setOutcome(undefined);
    void run(async () => {
      const { opens } = await chat.testRecoveryKey({ key });
      setOutcome(opens ? 'opens' : 'does_not');
    });
  };
  if (outcome === 'opens')
    return (
      <Step key="opens" label="Your key works">
        <DoneNote>This key opens your account. Keep it where you keep your passport.</DoneNote>
        <div className="step-actions">
          <Button look="strong" onPress={onDone} autoFocus>
            Done
          </Button>
        </div>
      </Step>
    );
  return (
    <form onSubmit={test}>
      <p>Type it from your paper. Nothing of it leaves this device.</p>
      <RecoveryKeyField value={key} onChange={setKey} autoFocus />
      <FailureNote
        text={failure ?? (outcome === 'does_not' ? FAILURE_TEXTS.recovery_key_wrong : undefined)}
      />
      <div className="step-actions">
        {onShowAgain === undefined ? null : (
          <Button look="plain" onPress={onShowAgain}>
            Show it again
          </Button>
        )}
        <Button look="strong" type="submit" isBusy={busy} isDisabled={!isWholeKey(key)}>
          Test my key
        </Button>
      </div>
    </form>
  );
}
