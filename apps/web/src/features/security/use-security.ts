import type { SecurityView } from '@sotto/core/page';
import { useCallback, useEffect, useState } from 'react';
import type { FailureText } from '../../chat/failure-texts.ts';
import { usePage } from '../../chat/page-context.tsx';
import { useAttempt } from '../../components/use-attempt.ts';

interface Security {
  readonly view: SecurityView | undefined;
  readonly busy: boolean;
  readonly failure: FailureText | undefined;
  /** Asks again: after each change, or when it failed. */
  readonly reload: () => Promise<boolean>;
}

/** How the account is secured, as the relay and the vault have it now. */
export function useSecurity(): Security {
  const { chat } = usePage();
  const [view, setView] = useState<SecurityView>();
  const { busy, failure, run } = useAttempt();
  const reload = useCallback(() => run(async () => setView(await chat.security({}))), [chat, run]);
  useEffect(() => {
    void reload();
  }, [reload]);
  return { view, busy, failure, reload };
}
