import { useState } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmForm } from '../../components/confirm-form.tsx';
import { Step } from '../../components/step.tsx';
import { KeyTest } from './key-test.tsx';
import type { SecurityPageProps } from './places.ts';
import { RecoveryKeyShown } from './recovery-key-shown.tsx';

/** Makes a recovery key: shown once, printed or written down, then tested by typing it. */
export function RecoveryKey({ view, onGo, onChanged }: SecurityPageProps) {
  const { chat } = usePage();
  const [key, setKey] = useState<string>();
  const [testing, setTesting] = useState(false);
  const make = async (password: string) => {
    const made = await chat.makeRecoveryKey({ password });
    setKey(made.key);
    await onChanged();
  };
  if (key !== undefined && testing)
    return (
      <Step key="test" label="Test my key">
        <KeyTest onShowAgain={() => setTesting(false)} onDone={() => onGo('security')} />
      </Step>
    );
  if (key !== undefined)
    return (
      <Step key="shown" label="Your recovery key">
        <RecoveryKeyShown recoveryKey={key} onKept={() => setTesting(true)} />
      </Step>
    );
  return (
    <Step key="make" label="Recovery key">
      <p>
        A line of letters on paper. It lets you back in when you forget your password, and stands in for any
        second step. Whoever holds it can do the same: keep it like a passport, away from your devices.
      </p>
      {view.recoveryKey ? (
        <>
          <p>You have one. A new one makes it void.</p>
          <Button look="quiet" onPress={() => onGo('test-key')}>
            Test my key
          </Button>
        </>
      ) : null}
      <ConfirmForm
        submit={view.recoveryKey ? 'Make a new one' : 'Make a recovery key'}
        look={view.recoveryKey ? 'quiet' : 'strong'}
        onConfirm={make}
      />
    </Step>
  );
}
