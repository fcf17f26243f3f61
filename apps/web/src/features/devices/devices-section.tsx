import type { DevicesView, DeviceView } from '@sotto/core/page';
import { useCallback, useEffect, useState } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { Step } from '../../components/step.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import { DeviceLine } from './device-line.tsx';
import { deviceName } from './device-texts.ts';
import { RemoveDevice } from './remove-device.tsx';
import { SignIns } from './sign-ins.tsx';
import './devices.css';

/** Which devices are this account, where it is signed in, and the last sign-ins. */
export function DevicesSection() {
  const { chat } = usePage();
  const { view, busy, failure, run, reload } = useDevices();
  const [removing, setRemoving] = useState<DeviceView>();
  const change = (verb: () => Promise<unknown>) =>
    run(async () => {
      await verb();
      await reload();
    });
  if (removing !== undefined)
    return (
      <Step key="remove" label={`Remove ${deviceName(removing)}`}>
        <RemoveDevice
          device={removing}
          busy={busy}
          failure={failure}
          onKeep={() => setRemoving(undefined)}
          onRemove={async () => {
            if (await change(() => chat.removeDevice({ device: removing.device }))) setRemoving(undefined);
          }}
        />
      </Step>
    );
  return (
    <Step key="list" label="Devices">
      <FailureNote text={failure} />
      {view === undefined ? (
        <Waiting failed={failure !== undefined} busy={busy} onAgain={() => void run(reload)} />
      ) : (
        <>
          <ul className="devices" aria-label="Devices">
            {view.devices.map((device) => (
              <DeviceLine
                key={device.device}
                device={device}
                busy={busy}
                onName={(name) => change(() => chat.nameDevice({ name }))}
                onSignOut={(session) => void change(() => chat.endSessions({ session }))}
                onRemove={() => setRemoving(device)}
              />
            ))}
          </ul>
          <SignOutElsewhere
            devices={view.devices}
            busy={busy}
            onSignOut={() => void change(() => chat.endSessions({}))}
          />
          <SignIns view={view} />
        </>
      )}
    </Step>
  );
}

interface WaitingProps {
  readonly failed: boolean;
  readonly busy: boolean;
  readonly onAgain: () => void;
}

function Waiting({ failed, busy, onAgain }: WaitingProps) {
  return failed ? (
    <Button look="quiet" isBusy={busy} onPress={onAgain}>
      Try again
    </Button>
  ) : (
    <p className="devices-waiting" role="status">
      Asking the relay…
    </p>
  );
}

interface SignOutElsewhereProps {
  readonly devices: readonly DeviceView[];
  readonly busy: boolean;
  readonly onSignOut: () => void;
}

function SignOutElsewhere({ devices, busy, onSignOut }: SignOutElsewhereProps) {
  const elsewhere = devices.some(({ current, session }) => !current && session !== undefined);
  return elsewhere ? (
    <Button look="quiet" isBusy={busy} onPress={onSignOut}>
      Sign out everywhere else
    </Button>
  ) : (
    <p role="status">You are signed in on this device only.</p>
  );
}

function useDevices() {
  const { chat } = usePage();
  const [view, setView] = useState<DevicesView>();
  const { busy, failure, run } = useAttempt();
  const reload = useCallback(async () => setView(await chat.devices({})), [chat]);
  useEffect(() => {
    void run(reload);
  }, [run, reload]);
  return { view, busy, failure, run, reload };
}
