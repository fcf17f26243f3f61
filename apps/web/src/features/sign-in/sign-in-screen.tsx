import { type ReactNode, useState } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import { Wordmark } from '../../components/wordmark.tsx';
import { AccountCard } from './account-card.tsx';
import { SignInStep } from './sign-in-step.tsx';
import { NOTHING_TYPED, nameOf } from './typed.ts';
import { useEntry } from './use-entry.ts';
import './sign-in.css';

interface SignInScreenProps {
  /** The app's, under the card. */
  readonly footer: ReactNode;
  /** The way back into an account whose password is forgotten. */
  readonly recover: (username: string, shared: boolean, onBack: () => void) => ReactNode;
}

/** One card for a name, a password, and what to do with them; what a relay asks beyond that comes in its place. */
export function SignInScreen({ footer, recover }: SignInScreenProps) {
  const { invite } = usePage();
  const [typed, setTyped] = useState(NOTHING_TYPED);
  const attempt = useAttempt();
  const entry = useEntry(typed, attempt, invite !== undefined);
  // Past the first card there is much to read and little room.
  const further = entry.creating || entry.step.at !== 'card';
  return (
    <main className={further ? 'sign-in sign-in-further' : 'sign-in'}>
      <div className="sign-in-column">
        <header className="sign-in-head">
          <h1>
            <Wordmark large={!further} />
          </h1>
          {further ? null : <p className="promise">A chat whose server can read nothing.</p>}
        </header>
        <div className="sign-in-card">
          {entry.step.at === 'card' ? (
            <AccountCard
              typed={typed}
              onType={(change) => setTyped((before) => ({ ...before, ...change }))}
              entry={entry}
              attempt={attempt}
            />
          ) : entry.step.at === 'recover' ? (
            recover(nameOf(typed), typed.shared, entry.back)
          ) : (
            <SignInStep step={entry.step} email={typed.email.trim()} entry={entry} />
          )}
        </div>
        {footer}
      </div>
    </main>
  );
}
