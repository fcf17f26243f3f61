import { useState } from 'react';
import { Input, Label, TextField } from 'react-aria-components';
import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmForm } from '../../components/confirm-form.tsx';
import { DoneNote } from '../../components/done-note.tsx';
import { Step } from '../../components/step.tsx';
import { CodeForm } from './code-form.tsx';
import type { SecurityPageProps } from './places.ts';

type Stage = 'form' | 'code' | 'done' | 'remove' | 'removed';

/** The address of the account: set, proved by a code, changed, removed. */
export function EmailPage({ view, onChanged }: SecurityPageProps) {
  const { chat } = usePage();
  const [stage, setStage] = useState<Stage>('form');
  const [email, setEmail] = useState('');
  if (stage === 'code')
    return (
      <Step key="code" label="Code from the mail">
        <p>If mail reaches {email}, a code is there now. It is good for a few minutes.</p>
        <CodeForm
          submit="Confirm"
          onCode={async (code) => {
            await chat.confirmEmailChange({ code });
            await onChanged();
            setStage('done');
          }}
        />
      </Step>
    );
  if (stage === 'done' || stage === 'removed')
    return (
      <Step key={stage} label="E-mail changed">
        <DoneNote>
          {stage === 'done' ? `${email} is the address of your account now.` : 'The address is forgotten.'}
        </DoneNote>
      </Step>
    );
  if (stage === 'remove')
    return (
      <Step key="remove" label="Remove the address">
        <h3>Remove the address?</h3>
        <p>
          The relay forgets {view.email}. You get no codes and no notices by mail then; without a recovery key
          a forgotten password cannot be reset.
        </p>
        <ConfirmForm
          submit="Remove the address"
          look="alarm"
          onConfirm={async (password) => {
            await chat.removeEmail({ password });
            await onChanged();
            setStage('removed');
          }}
        />
      </Step>
    );
  return (
    <Step key="form" label="E-mail">
      <EmailForm
        current={view.email}
        email={email}
        onEmail={setEmail}
        onAsked={() => setStage('code')}
        onRemove={() => setStage('remove')}
      />
    </Step>
  );
}

interface EmailFormProps {
  readonly current: string | undefined;
  readonly email: string;
  readonly onEmail: (email: string) => void;
  readonly onAsked: () => void;
  readonly onRemove: () => void;
}

function EmailForm({ current, email, onEmail, onAsked, onRemove }: EmailFormProps) {
  const { chat } = usePage();
  const { relay } = useSnapshot();
  return (
    <>
      {current === undefined ? null : (
        <div className="standing">
          <p>
            Now <strong>{current}</strong>
          </p>
          <Button look="plain" onPress={onRemove}>
            Remove…
          </Button>
        </div>
      )}
      {relay?.mail === false ? (
        <p>This relay sends no mail, so an address would be of no use here.</p>
      ) : (
        <>
          <p>
            For a code when you forget your password, and a word when something about your account changes.
            The relay knows the address; nobody you write with does.
          </p>
          <ConfirmForm
            submit="Send a code"
            isReady={email.trim() !== ''}
            onConfirm={async (password) => {
              await chat.changeEmail({ password, email: email.trim() });
              onAsked();
            }}
          >
            <TextField className="field" type="email" value={email} onChange={onEmail} autoFocus>
              <Label>{current === undefined ? 'E-mail address' : 'New e-mail address'}</Label>
              <Input autoComplete="email" autoCapitalize="none" spellCheck="false" maxLength={254} />
            </TextField>
          </ConfirmForm>
        </>
      )}
    </>
  );
}
