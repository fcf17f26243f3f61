import { useSnapshot } from '../../chat/page-context.tsx';
import { Step } from '../../components/step.tsx';
import './account.css';

/** What this browser keeps, and for how long. */
export function ThisDeviceSection() {
  const { session, storagePersisted } = useSnapshot();
  if (session.state !== 'signed_in') return null;
  return (
    <Step label="This device">
      <p className="account-device">
        This device is <code>{session.device.slice(0, 8)}</code> in the list of your devices.
      </p>
      <p>{keptText(session.shared, storagePersisted)}</p>
    </Step>
  );
}

function keptText(shared: boolean, persisted: boolean): string {
  if (shared)
    return 'A shared computer: messages and keys are held in memory only, and are gone when you sign out or close Sotto.';
  return persisted
    ? 'Your messages and keys are kept here, sealed, until you sign out.'
    : 'Your messages and keys are kept here, sealed. The browser has not promised to keep them when space runs low; installing Sotto as an app helps.';
}
