import type { PasswordVerdict } from '@sotto/core/page';
import { useEffect, useState } from 'react';
import { usePage } from '../chat/page-context.tsx';

/** Long enough that a word is judged when it is typed, not at each of its letters. Milliseconds. */
const PAUSE = 150;

/** How good a new password is, judged in the worker while one types; undefined before the first answer and while `off`. */
export function useVerdict(password: string, username: string, off = false): PasswordVerdict | undefined {
  const { chat } = usePage();
  const [verdict, setVerdict] = useState<PasswordVerdict>();
  useEffect(() => {
    if (off || password === '') return setVerdict(undefined);
    let current = true;
    const timer = setTimeout(() => {
      chat.judgePassword({ password, username }).then(
        (judged) => {
          if (current) setVerdict(judged);
        },
        // Without an opinion nothing is shown; whoever takes the password judges it again.
        () => undefined,
      );
    }, PAUSE);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [chat, password, username, off]);
  return verdict;
}
