import { useState } from 'react';
import { usePage } from '../chat/page-context.tsx';
import { Button } from './button.tsx';
import { useSecondsLeft } from './use-seconds-left.ts';
import './resend.css';

/** Mail takes a while; who asks again at once only makes two codes cross. Milliseconds. */
const PAUSE = 30_000;

interface ResendProps {
  /** Sends another code; the way back to the field is the caller's. */
  readonly onSend: () => void;
  readonly isDisabled: boolean;
}

/** Another code, once the first had time to come. Remount it (`key`) whenever a code was sent. */
export function Resend({ onSend, isDisabled }: ResendProps) {
  const { now } = usePage();
  const [until] = useState(() => now() + PAUSE);
  const left = useSecondsLeft(until);
  return (
    <p className="resend">
      Nothing came? Look among junk mail.{' '}
      {left > 0 ? (
        <span>Another one can go out in {left} s.</span>
      ) : (
        <Button look="link" isDisabled={isDisabled} onPress={onSend}>
          Send another code
        </Button>
      )}
    </p>
  );
}
