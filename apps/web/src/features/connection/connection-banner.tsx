import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import './connection-banner.css';

/** Says when the relay is out of reach, and what that means for what one writes now. */
export function ConnectionBanner() {
  const { chat } = usePage();
  const { connection, conversations } = useSnapshot();
  const { busy, run } = useAttempt();
  const waiting = conversations.reduce((sum, conversation) => sum + conversation.queued.length, 0);
  return (
    <div className="connection" role="status">
      {connection === 'offline' ? (
        <div className="banner">
          <Icon name="offline" />
          <p>
            <strong>Offline.</strong> {outboxText(waiting)}
          </p>
          <Button look="plain" isDisabled={busy} onPress={() => void run(() => chat.reconnect({}))}>
            Try now
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function outboxText(waiting: number): string {
  if (waiting === 0) return 'What you write waits on this device and goes out by itself.';
  if (waiting === 1) return 'One message waits on this device and goes out by itself.';
  return `${waiting} messages wait on this device and go out by themselves.`;
}
