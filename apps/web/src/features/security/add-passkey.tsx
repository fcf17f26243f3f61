import { useState } from 'react';
import { Input, Label, Text, TextField } from 'react-aria-components';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmForm } from '../../components/confirm-form.tsx';
import { DoneNote } from '../../components/done-note.tsx';
import { makePasskey } from '../../components/passkey.ts';
import { Step } from '../../components/step.tsx';
import { CodesShown } from './codes-shown.tsx';
import type { SecurityPageProps } from './places.ts';

type Stage =
  | { readonly at: 'form' | 'added'; readonly opensVault: boolean }
  | { readonly at: 'codes'; readonly opensVault: boolean; readonly codes: readonly string[] };

/** Names a passkey, makes it with the device, and says what it opens. The first second step brings recovery codes along. */
export function AddPasskey({ onChanged, onGo }: SecurityPageProps) {
  const onDone = () => onGo('passkeys');
  const { chat } = usePage();
  const [name, setName] = useState('');
  const [stage, setStage] = useState<Stage>({ at: 'form', opensVault: false });
  const add = async (password: string) => {
    const { options } = await chat.startPasskey({ password });
    const { response, prf } = await makePasskey(options);
    const { recoveryCodes } = await chat.finishPasskey({ response, name: name.trim(), prf });
    const opensVault = prf !== undefined;
    setStage(
      recoveryCodes === undefined
        ? { at: 'added', opensVault }
        : { at: 'codes', opensVault, codes: recoveryCodes },
    );
    await onChanged();
  };
  if (stage.at === 'form')
    return (
      <ConfirmForm submit="Go on with the device" isReady={name.trim() !== ''} onConfirm={add}>
        <TextField className="field" value={name} onChange={setName} autoFocus>
          <Label>Name</Label>
          <Input autoComplete="off" maxLength={40} />
          <Text slot="description" className="hint">
            So that you know it again, “Laptop” for instance. The relay cannot read it.
          </Text>
        </TextField>
      </ConfirmForm>
    );
  return (
    <Step key={stage.at} label="Passkey added">
      <DoneNote>
        {stage.opensVault
          ? 'Added. It can also bring your account back when you forget your password.'
          : 'Added as a second step. With this device or browser it cannot bring your account back; a recovery key can.'}
      </DoneNote>
      {stage.at === 'codes' ? (
        <CodesShown codes={stage.codes} onDone={onDone} />
      ) : (
        <div className="step-actions">
          <Button look="strong" onPress={onDone} autoFocus>
            Done
          </Button>
        </div>
      )}
    </Step>
  );
}
