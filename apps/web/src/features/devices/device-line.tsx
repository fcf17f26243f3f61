import type { DeviceView } from '@sotto/core/page';
import { type FormEvent, useState } from 'react';
import { Input, Label, TextField } from 'react-aria-components';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { deviceName, sessionText } from './device-texts.ts';

interface DeviceLineProps {
  readonly device: DeviceView;
  readonly busy: boolean;
  readonly onName: (name: string) => Promise<boolean>;
  readonly onSignOut: (session: string) => void;
  readonly onRemove: () => void;
}

/** One device: its name, whether it is signed in, and what can be done about it. This one can be named. */
export function DeviceLine({ device, busy, onName, onSignOut, onRemove }: DeviceLineProps) {
  const { now } = usePage();
  const [naming, setNaming] = useState(false);
  const { current, session } = device;
  const name = deviceName(device);
  if (naming)
    return (
      <li className="device">
        <NameForm
          name={device.name ?? ''}
          busy={busy}
          onKeep={() => setNaming(false)}
          onName={async (next) => {
            if (await onName(next)) setNaming(false);
          }}
        />
      </li>
    );
  return (
    <li className="device">
      <p className="device-name">
        <strong>{name}</strong>
        {current ? <span className="device-mark">This device</span> : null}
        {session?.shared === true ? <span className="device-mark">Shared computer</span> : null}
      </p>
      <p className="device-state">
        {sessionText(device, now())}
        {device.name === undefined ? null : (
          <>
            {' · '}
            <code>{device.device.slice(0, 8)}</code>
          </>
        )}
      </p>
      <div className="device-actions">
        {current ? (
          <Button look="plain" aria-label={`Rename ${name}`} onPress={() => setNaming(true)}>
            Rename
          </Button>
        ) : null}
        {current || session === undefined ? null : (
          <Button
            look="plain"
            aria-label={`Sign out ${name}`}
            isDisabled={busy}
            onPress={() => onSignOut(session.id)}
          >
            Sign out
          </Button>
        )}
        {current ? null : (
          <Button look="plain" aria-label={`Remove ${name}…`} onPress={onRemove}>
            Remove…
          </Button>
        )}
      </div>
    </li>
  );
}

interface NameFormProps {
  readonly name: string;
  readonly busy: boolean;
  readonly onKeep: () => void;
  readonly onName: (name: string) => Promise<unknown>;
}

function NameForm({ name, busy, onKeep, onName }: NameFormProps) {
  const [next, setNext] = useState(name);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (next.trim() !== '') void onName(next.trim());
  };
  return (
    <form onSubmit={send}>
      <TextField className="field" value={next} onChange={setNext} autoFocus>
        <Label>Name of this device</Label>
        <Input autoComplete="off" maxLength={40} />
      </TextField>
      <div className="step-actions">
        <Button look="plain" onPress={onKeep}>
          Cancel
        </Button>
        <Button look="strong" type="submit" isBusy={busy} isDisabled={next.trim() === ''}>
          Save
        </Button>
      </div>
    </form>
  );
}
