import type { PersonView, SafetyNumberView } from '@sotto/core/page';
import { useEffect, useState } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { QrCode } from '../../components/qr-code.tsx';
import { SafetyDigits } from '../../components/safety-digits.tsx';
import { Sheet } from '../../components/sheet.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import './safety.css';

interface SafetySheetProps {
  readonly peer: PersonView;
  readonly onClose: () => void;
}

/** The number that both people see when nobody stands between them. */
export function SafetySheet({ peer, onClose }: SafetySheetProps) {
  const { chat } = usePage();
  const [safety, setSafety] = useState<SafetyNumberView>();
  const { busy, failure, run } = useAttempt();
  const { account } = peer;
  useEffect(() => {
    let current = true;
    void run(async () => {
      const answer = await chat.safetyNumber({ account });
      if (current) setSafety(answer);
    });
    return () => {
      current = false;
    };
  }, [chat, account, run]);
  const verified = peer.verified;

  return (
    <Sheet title="Safety number" onClose={onClose}>
      <div className="safety">
        <p>
          Compare this with {peer.username}, side by side or on a call. If all sixty digits are the same on
          both screens, nobody stands between you.
        </p>
        <FailureNote text={failure} />
        {safety === undefined ? (
          <p className="safety-waiting" role="status">
            {busy ? 'Working it out…' : ''}
          </p>
        ) : (
          <>
            <QrCode data={safety.qr} label={`QR code of the safety number with ${peer.username}`} />
            <SafetyDigits digits={safety.digits} />
            <Button
              look={verified ? 'quiet' : 'strong'}
              isDisabled={busy}
              onPress={() => void run(() => chat.setVerified({ account, verified: !verified }))}
            >
              {verified ? 'Remove verification' : 'Mark as verified'}
            </Button>
            <p className="safety-state" role="status">
              {verified ? `You verified ${peer.username}. A changed key will be pointed out loudly.` : ''}
            </p>
          </>
        )}
      </div>
    </Sheet>
  );
}
