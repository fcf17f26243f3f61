import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { Input, Label, Text, TextField } from 'react-aria-components';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import { Wordmark } from '../../components/wordmark.tsx';
import './sign-in.css';

type Wish = 'signIn' | 'register';

/** One card for both: a name, a password, and what to do with them. `footer` is the app's. */
export function SignInScreen({ footer }: { readonly footer: ReactNode }) {
  const { chat } = usePage();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState(false);
  const [wish, setWish] = useState<Wish>('signIn');
  const form = useRef<HTMLFormElement>(null);
  const { busy, failure, run } = useAttempt();

  const attempt = (next: Wish) => {
    setWish(next);
    void run(() => chat[next]({ username: username.trim().toLowerCase(), password }));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt('signIn');
  };

  return (
    <main className="sign-in">
      <div className="sign-in-column">
        <header className="sign-in-head">
          <h1>
            <Wordmark large />
          </h1>
          <p className="promise">A chat whose server can read nothing.</p>
        </header>
        <form ref={form} className="sign-in-card" onSubmit={submit} aria-label="Account">
          <TextField
            className="field"
            value={username}
            onChange={setUsername}
            isRequired
            validationBehavior="aria"
          >
            <Label>Username</Label>
            <Input autoComplete="username" autoCapitalize="none" spellCheck="false" maxLength={64} />
          </TextField>
          <TextField
            className="field"
            type={shown ? 'text' : 'password'}
            value={password}
            onChange={setPassword}
            isRequired
            validationBehavior="aria"
          >
            <Label>Password</Label>
            <div className="field-row">
              <Input autoComplete="current-password" spellCheck="false" maxLength={1024} />
              <Button
                look="plain"
                extraClass="reveal"
                aria-pressed={shown}
                aria-label="Show what I type"
                onPress={() => setShown(!shown)}
              >
                {shown ? 'Hide' : 'Show'}
              </Button>
            </div>
            <Text slot="description" className="hint">
              12 characters or more. It never leaves this browser, so nobody can reset it for you.
            </Text>
          </TextField>
          <FailureNote text={failure} />
          <div className="sign-in-actions">
            <Button look="strong" type="submit" isDisabled={busy}>
              Sign in
            </Button>
            <Button look="quiet" isDisabled={busy} onPress={() => attempt('register')}>
              Create account
            </Button>
          </div>
          <p className="progress" role="status">
            {busy ? PROGRESS[wish] : ''}
          </p>
        </form>
        {footer}
      </div>
    </main>
  );
}

const PROGRESS: Record<Wish, string> = {
  signIn: 'Proving your password without showing it…',
  register: 'Making your keys on this device…',
};
