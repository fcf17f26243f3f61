import { useState } from 'react';
import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { DoneNote } from '../../components/done-note.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { Icon } from '../../components/icon.tsx';
import { Step } from '../../components/step.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import { LockForm } from './lock-form.tsx';
import { LockPasskey } from './lock-passkey.tsx';

/** The app lock: a passphrase, or a passkey, that this device asks for after a while without use. */
export function LockSection() {
  const { session } = useSnapshot();
  const [changing, setChanging] = useState(false);
  if (session.state !== 'signed_in') return null;
  if (session.shared)
    return (
      <Step key="shared" label="App lock">
        <p>Nothing is kept on a shared computer, so there is nothing to lock. Sign out when you leave it.</p>
      </Step>
    );
  if (session.lockMinutes === undefined || changing)
    return (
      <Step key="form" label="App lock">
        <p>
          When you leave Sotto alone for a while, and whenever it is opened, it asks for a passphrase of this
          device. Until then nothing here can be read, and nothing arrives.
        </p>
        <LockForm
          minutes={session.lockMinutes}
          submit={changing ? 'Change' : 'Turn on'}
          onDone={() => setChanging(false)}
        />
      </Step>
    );
  return (
    <Step key="on" label="App lock">
      <LockOn minutes={session.lockMinutes} onChange={() => setChanging(true)} />
    </Step>
  );
}

interface LockOnProps {
  readonly minutes: number;
  readonly onChange: () => void;
}

function LockOn({ minutes, onChange }: LockOnProps) {
  const { chat } = usePage();
  const { busy, failure, run } = useAttempt();
  return (
    <>
      <DoneNote>
        The lock is on. It closes after {minutesText(minutes)} without use, and whenever Sotto is opened.
      </DoneNote>
      <FailureNote text={failure} />
      <Button look="strong" isDisabled={busy} onPress={() => void run(() => chat.lock({}))}>
        <Icon name="lock" />
        Lock now
      </Button>
      <LockPasskey />
      <div className="step-actions">
        <Button look="plain" isDisabled={busy} onPress={onChange}>
          Change passphrase or time
        </Button>
        <Button look="quiet" isBusy={busy} onPress={() => void run(() => chat.removeLock({}))}>
          Turn off
        </Button>
      </div>
    </>
  );
}

function minutesText(minutes: number): string {
  if (minutes === 60) return 'an hour';
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}
