import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { Step } from '../../components/step.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import './account.css';

/** Says what is lost before this device is wiped. */
export function SignOutSection({ onStay }: { readonly onStay: () => void }) {
  const { chat } = usePage();
  const { conversations } = useSnapshot();
  const { busy, failure, run } = useAttempt();
  const waiting = conversations.reduce((sum, conversation) => sum + conversation.queued.length, 0);
  return (
    <Step label="Sign out of this device?">
      <p>
        Everything on this device is wiped: messages, keys, drafts. What was read here cannot be fetched
        again: the keys that opened it are used once and gone.
      </p>
      {waiting > 0 ? (
        <p className="account-loss">
          {waiting === 1 ? 'One message was' : `${waiting} messages were`} not sent yet and will be lost.
        </p>
      ) : null}
      <p>Your account stays: sign in again with your username and password.</p>
      <FailureNote text={failure} />
      <div className="step-actions">
        <Button look="quiet" isDisabled={busy} onPress={onStay} autoFocus>
          Stay
        </Button>
        <Button look="alarm" isDisabled={busy} onPress={() => void run(() => chat.signOut({}))}>
          Sign out and wipe
        </Button>
      </div>
    </Step>
  );
}
