import { useEffect, useState } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { DoneNote } from '../../components/done-note.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { askPrf, hasPasskeys } from '../../components/passkey.ts';
import { useAttempt } from '../../components/use-attempt.ts';

/** A passkey of the account that opens the lock, too: finger or face instead of the passphrase. */
export function LockPasskey() {
  const { chat } = usePage();
  const [credentials, setCredentials] = useState<readonly string[]>([]);
  const [added, setAdded] = useState(false);
  const { busy, failure, run } = useAttempt();
  useEffect(() => {
    if (!hasPasskeys()) return;
    chat.security({}).then(
      ({ passkeys }) => setCredentials(passkeys.filter((key) => key.opensVault).map(({ id }) => id)),
      // Without the relay there is only no offer.
      () => undefined,
    );
  }, [chat]);
  if (added) return <DoneNote>Your passkey opens the lock, too.</DoneNote>;
  if (credentials.length === 0)
    return (
      <p>With a passkey that can bring your account back (Security, Second step) you can unlock, too.</p>
    );
  return (
    <>
      <FailureNote text={failure} />
      <Button
        look="quiet"
        isBusy={busy}
        onPress={() =>
          void run(async () => {
            await chat.setLockPasskey(await askPrf(credentials));
            setAdded(true);
          })
        }
      >
        Unlock with a passkey, too
      </Button>
    </>
  );
}
