import { useState } from 'react';
import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { ConfirmForm } from '../../components/confirm-form.tsx';
import { DoneNote } from '../../components/done-note.tsx';
import { PasswordField } from '../../components/password-field.tsx';
import { Step } from '../../components/step.tsx';
import { useVerdict } from '../../components/use-verdict.ts';

/** A new password: the vault is wrapped anew under it, and every other session ends. */
export function ChangePassword() {
  const { chat } = usePage();
  const { session } = useSnapshot();
  const [next, setNext] = useState('');
  const [done, setDone] = useState(false);
  const verdict = useVerdict(next, session.state === 'signed_in' ? session.username : '', done);
  if (done)
    return (
      <Step key="done" label="Password changed">
        <DoneNote>
          Your password is changed. Your other devices were signed out: sign in there with the new one.
        </DoneNote>
      </Step>
    );
  return (
    <Step key="form" label="Change password">
      <p>Your other devices are signed out when you change it. Your messages there stay.</p>
      <ConfirmForm
        submit="Change password"
        passwordFirst
        isReady={verdict?.enough === true}
        onConfirm={async (current) => {
          await chat.changePassword({ current, next });
          setDone(true);
        }}
      >
        <PasswordField
          label="New password"
          value={next}
          onChange={setNext}
          autoComplete="new-password"
          meter={{ verdict }}
        />
      </ConfirmForm>
    </Step>
  );
}
