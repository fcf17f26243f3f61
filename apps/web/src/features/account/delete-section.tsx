import { useState } from 'react';
import { Input, Label, TextField } from 'react-aria-components';
import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { ConfirmForm } from '../../components/confirm-form.tsx';
import { Step } from '../../components/step.tsx';
import './account.css';

/** The end of the account: what goes, what stays, and the name typed out, so that nobody does it by a slip. */
export function DeleteSection() {
  const { chat } = usePage();
  const { session } = useSnapshot();
  const [typed, setTyped] = useState('');
  if (session.state !== 'signed_in') return null;
  const { username } = session;
  return (
    <Step label="Delete account">
      <dl className="account-end">
        <dt>What goes</dt>
        <dd>
          Your password, keys, e-mail address and second steps at the relay; every device is signed out, and
          this one is wiped.
        </dd>
        <dt>What stays</dt>
        <dd>
          The name {username} is never given to anybody again. Your contacts see that the account was deleted
          and keep what you wrote to them.
        </dd>
      </dl>
      <p className="account-loss">This cannot be undone, by you or by whoever runs the relay.</p>
      <ConfirmForm
        submit="Delete this account"
        look="alarm"
        isReady={typed.trim().toLowerCase() === username}
        onConfirm={(password) => chat.deleteAccount({ password })}
      >
        <TextField className="field" value={typed} onChange={setTyped} autoFocus>
          <Label>Type {username} to go on</Label>
          <Input autoComplete="off" autoCapitalize="none" spellCheck="false" maxLength={64} />
        </TextField>
      </ConfirmForm>
    </Step>
  );
}
