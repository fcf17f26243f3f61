import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAttempt } from '../../components/use-attempt.ts';

/** Locks at once, before one leaves the desk. */
export function LockButton() {
  const { chat } = usePage();
  const { busy, run } = useAttempt();
  return (
    <Button look="icon" aria-label="Lock now" isDisabled={busy} onPress={() => void run(() => chat.lock({}))}>
      <Icon name="lock" />
    </Button>
  );
}
