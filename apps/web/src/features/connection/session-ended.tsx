import { useState } from 'react';
import { Input, Label, TextField } from 'react-aria-components';
import { FAILURE_TEXTS } from '../../chat/failure-texts.ts';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { Sheet } from '../../components/sheet.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import './connection-banner.css';

interface SessionEndedProps {
  readonly username: string;
  readonly onSignOut: () => void;
}

/** The relay ended the session: the password opens a new one, and everything here stays. */
export function SessionEnded({ username, onSignOut }: SessionEndedProps) {
  const { chat } = usePage();
  const [password, setPassword] = useState('');
  const { busy, failure, run } = useAttempt();
  const { happened, safe, todo } = FAILURE_TEXTS.session_ended;
  return (
    <Sheet title="Signed out by the relay" role="alertdialog" onClose={() => undefined}>
      <form
        className="ended"
        onSubmit={(event) => {
          event.preventDefault();
          void run(() => chat.signIn({ username, password }));
        }}
      >
        <p>
          {happened} {safe} {todo}
        </p>
        <input type="text" autoComplete="username" value={username} readOnly hidden />
        <TextField className="field" type="password" value={password} onChange={setPassword} autoFocus>
          <Label>Password</Label>
          <Input autoComplete="current-password" />
        </TextField>
        <FailureNote text={failure} />
        <div className="ended-actions">
          <Button look="plain" isDisabled={busy} onPress={onSignOut}>
            Wipe this device…
          </Button>
          <Button look="strong" type="submit" isDisabled={busy || password === ''}>
            Sign in
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
