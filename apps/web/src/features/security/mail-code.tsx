import { useState } from 'react';
import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmForm } from '../../components/confirm-form.tsx';
import { DoneNote } from '../../components/done-note.tsx';
import { Step } from '../../components/step.tsx';
import type { SecurityPageProps } from './places.ts';

/** Codes by mail as the second step. Said plainly: whoever reads the mailbox has them. */
export function MailCode({ view, onGo, onChanged }: SecurityPageProps) {
  const { chat } = usePage();
  const { relay } = useSnapshot();
  const [changed, setChanged] = useState(false);
  const isOn = view.factors.includes('mail');
  const turn = async (password: string) => {
    await chat.setMailFactor({ password, on: !isOn });
    await onChanged();
    setChanged(true);
  };
  if (changed)
    return (
      <Step key="changed" label="Code by mail">
        <DoneNote>{isOn ? `Codes go to ${view.email} now.` : 'No codes are sent by mail any more.'}</DoneNote>
      </Step>
    );
  return (
    <Step key="form" label="Code by mail">
      <p>
        The weakest second step: whoever reads your mail has the code. An authenticator app or a passkey is
        better; this is better than none.
      </p>
      {relay?.mail === false && !isOn ? (
        <p>This relay sends no mail.</p>
      ) : (
        <MailSwitch email={view.email} isOn={isOn} onTurn={turn} onEmail={() => onGo('email')} />
      )}
    </Step>
  );
}

interface MailSwitchProps {
  readonly email: string | undefined;
  readonly isOn: boolean;
  readonly onTurn: (password: string) => Promise<unknown>;
  readonly onEmail: () => void;
}

function MailSwitch({ email, isOn, onTurn, onEmail }: MailSwitchProps) {
  if (email === undefined)
    return (
      <>
        <p>It needs an address first.</p>
        <Button look="quiet" onPress={onEmail}>
          Set an e-mail address
        </Button>
      </>
    );
  return (
    <>
      <p>
        {isOn ? 'Codes go to ' : 'Codes would go to '}
        <strong>{email}</strong>.
      </p>
      <ConfirmForm
        submit={isOn ? 'Turn off' : 'Turn on'}
        look={isOn ? 'alarm' : 'strong'}
        onConfirm={onTurn}
      />
    </>
  );
}
