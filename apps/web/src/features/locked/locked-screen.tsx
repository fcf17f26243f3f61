import { type FormEvent, useState } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { askPrf, hasPasskeys } from '../../components/passkey.ts';
import { PasswordField } from '../../components/password-field.tsx';
import { StepHeading } from '../../components/step-heading.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import { Wordmark } from '../../components/wordmark.tsx';
import { WipeSheet } from './wipe-sheet.tsx';
import './locked.css';
import '../../components/passage.css';

/** The app lock is on: nothing of this device can be read before its passphrase, or a passkey that was set for it. */
export function LockedScreen({ passkeys }: { readonly passkeys: readonly string[] }) {
  const { chat } = usePage();
  const [passphrase, setPassphrase] = useState('');
  const [wiping, setWiping] = useState(false);
  const { busy, failure, run } = useAttempt();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (passphrase === '') return;
    void run(async () => {
      // Wrong or right, what was typed is not needed again.
      setPassphrase('');
      await chat.unlock({ way: 'passphrase', passphrase });
    });
  };
  const openByPasskey = () =>
    void run(async () => chat.unlock({ way: 'passkey', ...(await askPrf(passkeys)) }));
  return (
    <main className="locked">
      <div className="locked-column">
        <h1>
          <Wordmark large />
        </h1>
        <div className="passage locked-card">
          <StepHeading takesFocus={false}>Locked</StepHeading>
          <p className="passage-lead">Everything on this device is sealed until you open it.</p>
          <form className="proof-form" onSubmit={submit} aria-label="Unlock">
            <PasswordField
              label="Passphrase"
              name="passphrase"
              value={passphrase}
              onChange={setPassphrase}
              autoComplete="off"
              autoFocus
            />
            <FailureNote text={failure} />
            <Button look="strong" type="submit" isDisabled={busy}>
              Unlock
            </Button>
            {passkeys.length > 0 && hasPasskeys() ? (
              <Button look="quiet" isDisabled={busy} onPress={openByPasskey}>
                Use passkey
              </Button>
            ) : null}
          </form>
        </div>
        <p className="locked-foot">
          Passphrase lost? It is known nowhere else.{' '}
          <Button look="link" onPress={() => setWiping(true)}>
            Wipe this device…
          </Button>
        </p>
      </div>
      {wiping ? <WipeSheet onClose={() => setWiping(false)} /> : null}
    </main>
  );
}
