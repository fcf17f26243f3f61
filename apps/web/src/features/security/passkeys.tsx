import type { PasskeyView } from '@sotto/core/page';
import { useState } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmForm } from '../../components/confirm-form.tsx';
import { hasPasskeys } from '../../components/passkey.ts';
import { Step } from '../../components/step.tsx';
import { longDateText } from './made-on.ts';
import type { SecurityPageProps } from './places.ts';

/** The passkeys of the account: add, look at, remove. */
export function Passkeys({ view, from, onGo, onChanged }: SecurityPageProps) {
  const [removing, setRemoving] = useState<PasskeyView>();
  const backToList = () => setRemoving(undefined);
  if (removing !== undefined)
    return (
      <Step key="remove" label="Remove a passkey">
        <RemovePasskey
          passkey={removing}
          onRemoved={async () => {
            await onChanged();
            backToList();
          }}
          onKeep={backToList}
        />
      </Step>
    );
  return (
    <Step key="list" label="Passkeys">
      <p>
        Your device asks for your finger, face or PIN, and no page that only looks like this one can use it.
      </p>
      {view.passkeys.length === 0 ? null : (
        <ul className="passkey-list" aria-label="Passkeys">
          {view.passkeys.map((passkey) => (
            <PasskeyLine key={passkey.id} passkey={passkey} onRemove={() => setRemoving(passkey)} />
          ))}
        </ul>
      )}
      {hasPasskeys() ? (
        <Button look="strong" autoFocus={from === 'add-passkey'} onPress={() => onGo('add-passkey')}>
          Add a passkey
        </Button>
      ) : (
        <p>This browser has no passkeys. Add one from another browser, or use an authenticator app.</p>
      )}
    </Step>
  );
}

interface PasskeyLineProps {
  readonly passkey: PasskeyView;
  readonly onRemove: () => void;
}

function PasskeyLine({ passkey, onRemove }: PasskeyLineProps) {
  const name = passkeyName(passkey);
  return (
    <li className="standing">
      <p>
        <strong>{name}</strong>
        <span className="standing-note">
          Added on {longDateText(passkey.addedAt)}.{' '}
          {passkey.opensVault ? 'It can also bring your account back.' : 'It is a second step only.'}
        </span>
      </p>
      <Button look="plain" aria-label={`Remove ${name}…`} onPress={onRemove}>
        Remove…
      </Button>
    </li>
  );
}

interface RemovePasskeyProps {
  readonly passkey: PasskeyView;
  readonly onRemoved: () => Promise<unknown>;
  readonly onKeep: () => void;
}

function RemovePasskey({ passkey, onRemoved, onKeep }: RemovePasskeyProps) {
  const { chat } = usePage();
  return (
    <>
      <h3>Remove {passkeyName(passkey)}?</h3>
      <p>It opens this account no more. Your device may go on listing it until you delete it there.</p>
      <ConfirmForm
        submit="Remove"
        look="alarm"
        onConfirm={async (password) => {
          await chat.removePasskey({ password, id: passkey.id });
          await onRemoved();
        }}
      />
      <Button look="quiet" onPress={onKeep}>
        Keep it
      </Button>
    </>
  );
}

function passkeyName({ name, id }: PasskeyView): string {
  return name ?? `Passkey ${id.slice(0, 6)}`;
}
