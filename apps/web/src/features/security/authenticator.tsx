import { useState } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { ConfirmForm } from '../../components/confirm-form.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { DoneNote } from '../../components/done-note.tsx';
import { QrCode } from '../../components/qr-code.tsx';
import { Step } from '../../components/step.tsx';
import { CodeForm } from './code-form.tsx';
import { CodesShown } from './codes-shown.tsx';
import type { SecurityPageProps } from './places.ts';

type Stage =
  | { readonly at: 'start' | 'removed' }
  | { readonly at: 'scan'; readonly secret: string; readonly uri: string }
  | { readonly at: 'codes'; readonly codes: readonly string[] };

/** Six digits from an app: scanned, proved by a first code, taken off again. */
export function Authenticator({ view, onGo, onChanged }: SecurityPageProps) {
  const { chat } = usePage();
  const [stage, setStage] = useState<Stage>({ at: 'start' });
  const start = async (password: string) => setStage({ at: 'scan', ...(await chat.startTotp({ password })) });
  const remove = async (password: string) => {
    await chat.removeTotp({ password });
    await onChanged();
    setStage({ at: 'removed' });
  };
  const finish = async (code: string) => {
    const { recoveryCodes } = await chat.finishTotp({ code });
    setStage({ at: 'codes', codes: recoveryCodes });
    await onChanged();
  };
  if (stage.at === 'scan')
    return (
      <Step key="scan" label="Add to the app">
        <Scan secret={stage.secret} uri={stage.uri} onCode={finish} />
      </Step>
    );
  if (stage.at === 'codes')
    return (
      <Step key="codes" label="Recovery codes">
        <CodesShown codes={stage.codes} onDone={() => onGo('second-step')} />
      </Step>
    );
  if (stage.at === 'removed')
    return (
      <Step key="removed" label="Authenticator app removed">
        <DoneNote>The app’s codes are asked for no more. You can delete the entry in the app.</DoneNote>
      </Step>
    );
  const isOn = view.factors.includes('totp');
  return (
    <Step key="start" label="Authenticator app">
      <p>
        {isOn
          ? 'Your authenticator app is set up. To move to another app or phone, take it off and add it there.'
          : 'An app on your phone shows six digits that change every half minute. It needs no connection.'}
      </p>
      <ConfirmForm
        key={String(isOn)}
        submit={isOn ? 'Take it off' : 'Set it up'}
        look={isOn ? 'alarm' : 'strong'}
        onConfirm={isOn ? remove : start}
      />
    </Step>
  );
}

interface ScanProps {
  readonly secret: string;
  readonly uri: string;
  readonly onCode: (code: string) => Promise<unknown>;
}

function Scan({ secret, uri, onCode }: ScanProps) {
  return (
    <>
      <p>Scan this with the app, or type the key into it. Then enter the six digits that it shows.</p>
      <QrCode data={new TextEncoder().encode(uri)} label="QR code for the authenticator app" />
      <div className="totp-secret">
        <code>{(secret.match(/.{1,4}/g) ?? []).join(' ')}</code>
        <CopyButton text={secret} />
      </div>
      <CodeForm submit="Turn on" length={6} onCode={onCode} />
    </>
  );
}
