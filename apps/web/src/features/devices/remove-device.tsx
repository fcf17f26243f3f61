import type { DeviceView } from '@sotto/core/page';
import type { FailureText } from '../../chat/failure-texts.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { deviceName } from './device-texts.ts';

interface RemoveDeviceProps {
  readonly device: DeviceView;
  readonly busy: boolean;
  readonly failure: FailureText | undefined;
  readonly onKeep: () => void;
  readonly onRemove: () => Promise<unknown>;
}

/** Says what it means before a device is gone for good. */
export function RemoveDevice({ device, busy, failure, onKeep, onRemove }: RemoveDeviceProps) {
  return (
    <>
      <h3>Remove {deviceName(device)}?</h3>
      <p>
        It stands in no conversation any more and gets no further message. Your contacts see that it was
        removed. It cannot be taken back; signing in there again makes a new device.
      </p>
      <p>What it has read stays on it. If it is in other hands, change your password too.</p>
      <FailureNote text={failure} />
      <div className="step-actions">
        <Button look="quiet" isDisabled={busy} onPress={onKeep} autoFocus>
          Keep it
        </Button>
        <Button look="alarm" isBusy={busy} onPress={() => void onRemove()}>
          Remove for good
        </Button>
      </div>
    </>
  );
}
