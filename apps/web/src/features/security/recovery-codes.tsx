import { useState } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { ConfirmForm } from '../../components/confirm-form.tsx';
import { Step } from '../../components/step.tsx';
import { CodesShown } from './codes-shown.tsx';
import type { SecurityPageProps } from './places.ts';
import { codesLeftText } from './security-texts.ts';

/** Codes that stand in for a second step, each once. */
export function RecoveryCodes({ view, onGo, onChanged }: SecurityPageProps) {
  const { chat } = usePage();
  const [codes, setCodes] = useState<readonly string[]>();
  const renew = async (password: string) => {
    const { recoveryCodes } = await chat.renewRecoveryCodes({ password });
    setCodes(recoveryCodes);
    await onChanged();
  };
  if (codes !== undefined)
    return (
      <Step key="codes" label="Recovery codes">
        <CodesShown codes={codes} onDone={() => onGo('second-step')} />
      </Step>
    );
  return (
    <Step key="form" label="Recovery codes">
      <p>{codesLeftText(view.recoveryCodesLeft)} New ones make the earlier ones void.</p>
      <ConfirmForm submit="Make new codes" onConfirm={renew} />
    </Step>
  );
}
