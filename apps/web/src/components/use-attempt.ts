import { ChatError } from '@sotto/core/page';
import { useCallback, useRef, useState } from 'react';
import { type FailureText, failureText } from '../chat/failure-texts.ts';

export interface Attempt {
  readonly busy: boolean;
  readonly failure: FailureText | undefined;
  /** Runs one verb at a time; answers whether it succeeded. A second call while one runs does nothing. */
  readonly run: (verb: () => Promise<unknown>) => Promise<boolean>;
  readonly forget: () => void;
  /** Shows what another step failed with. */
  readonly fail: (error: unknown) => void;
}

/**
 * One verb as a person meets it: waiting, done, or a text that says why not. `textOf`: where a form knows more about a
 * failure than its code says; the same function at each render.
 */
export function useAttempt(textOf: (error: unknown) => FailureText = failureText): Attempt {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<FailureText>();
  const running = useRef(false);
  const run = useCallback(
    async (verb: () => Promise<unknown>) => {
      if (running.current) return false;
      running.current = true;
      setBusy(true);
      setFailure(undefined);
      try {
        await verb();
        return true;
      } catch (error) {
        setFailure(textOf(error));
        return false;
      } finally {
        running.current = false;
        setBusy(false);
      }
    },
    [textOf],
  );
  const forget = useCallback(() => setFailure(undefined), []);
  const fail = useCallback((error: unknown) => setFailure(failureText(error)), []);
  return { busy, failure, run, forget, fail };
}

/** Whether a step failed because all that came before it counts no more. */
export function isOver(error: unknown): error is ChatError {
  return error instanceof ChatError && error.code === 'attempt_over';
}
