import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { Sheet } from '../../components/sheet.tsx';
import { useAttempt } from '../../components/use-attempt.ts';

/** The only way on without the passphrase, and what it costs. */
export function WipeSheet({ onClose }: { readonly onClose: () => void }) {
  const { chat } = usePage();
  const { busy, failure, run } = useAttempt();
  return (
    <Sheet title="Wipe this device?" role="alertdialog" onClose={onClose}>
      <div className="passage">
        <p>
          Messages, keys and drafts on this device are erased, and what was read here cannot be fetched again:
          the keys that opened it are used once and gone. Messages that were not sent yet are lost.
        </p>
        <p>Your account stays: sign in again with your username and password.</p>
        <FailureNote text={failure} />
        <div className="wipe-actions">
          <Button look="quiet" isDisabled={busy} onPress={onClose} autoFocus>
            Keep it
          </Button>
          <Button look="alarm" isDisabled={busy} onPress={() => void run(() => chat.wipeLocked({}))}>
            Wipe this device
          </Button>
        </div>
      </div>
    </Sheet>
  );
}
