import { useEffect, useState } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import './notices.css';

interface RecoveryNudgeProps {
  /** This device can ask the relay now. */
  readonly canAsk: boolean;
  /** Nothing may stay on this computer. */
  readonly shared: boolean;
  readonly onMake: () => void;
}

/** Asks once for a recovery key where there is none: before it is needed is the only time it can be made. */
export function RecoveryNudge({ canAsk, shared, onMake }: RecoveryNudgeProps) {
  const { chat, nudge } = usePage();
  const [asks, setAsks] = useState(false);
  useEffect(() => {
    if (!canAsk || nudge.isDone()) return;
    let current = true;
    chat.security({}).then(
      ({ recoveryKey }) => {
        if (recoveryKey) nudge.finish(!shared);
        if (current) setAsks(!recoveryKey);
      },
      // Not now; the next start asks again.
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [chat, nudge, canAsk, shared]);
  if (!asks) return null;
  const finish = () => {
    nudge.finish(!shared);
    setAsks(false);
  };
  return (
    <section className="nudge" aria-labelledby="nudge-title">
      <h2 id="nudge-title">Make a recovery key</h2>
      <p>A line of letters on paper that brings your account back when you forget your password.</p>
      <div className="nudge-actions">
        <Button
          look="strong"
          onPress={() => {
            finish();
            onMake();
          }}
        >
          Make one
        </Button>
        <Button look="plain" onPress={finish}>
          Not now
        </Button>
      </div>
    </section>
  );
}
