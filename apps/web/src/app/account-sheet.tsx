import { type ReactNode, useState } from 'react';
import { useSnapshot } from '../chat/page-context.tsx';
import { Sheet } from '../components/sheet.tsx';
import { AccountOverview } from '../features/account/account-overview.tsx';
import { DeleteSection } from '../features/account/delete-section.tsx';
import { RelaySection } from '../features/account/relay-section.tsx';
import { SignOutSection } from '../features/account/sign-out-section.tsx';
import { ThemeSection } from '../features/account/theme-section.tsx';
import { ThisDeviceSection } from '../features/account/this-device-section.tsx';
import { DevicesSection } from '../features/devices/devices-section.tsx';
import { LockSection } from '../features/lock/lock-section.tsx';
import { NotMe } from '../features/notices/not-me.tsx';
import { SECURITY_PARENTS, SECURITY_TITLES, type SecurityPlace } from '../features/security/places.ts';
import { SecurityArea } from '../features/security/security-area.tsx';
import { type AccountPlace, isSecurityPlace } from './account-place.ts';

interface AccountSheetProps {
  readonly start: AccountPlace;
  readonly onClose: () => void;
}

const TITLES: Record<Exclude<AccountPlace, SecurityPlace | 'account'>, string> = {
  devices: 'Devices',
  lock: 'App lock',
  'this-device': 'This device',
  theme: 'Theme',
  relay: 'What the relay sees',
  'sign-out': 'Sign out of this device?',
  delete: 'Delete account',
  'not-me': 'If it was not you',
};

/** The account, as one sheet of many pages. Loaded when it is first opened. */
export default function AccountSheet({ start, onClose }: AccountSheetProps) {
  const { session } = useSnapshot();
  const [trail, setTrail] = useState<{ place: AccountPlace; from: AccountPlace | undefined }>({
    place: start,
    from: undefined,
  });
  const { place, from } = trail;
  const go = (next: AccountPlace) => setTrail({ place: next, from: place });
  const parent = parentOf(place);
  if (session.state !== 'signed_in') return null;
  return (
    <Sheet
      title={titleOf(place, session.username)}
      role={place === 'sign-out' ? 'alertdialog' : 'dialog'}
      onClose={onClose}
      onBack={parent === undefined ? undefined : () => go(parent)}
    >
      <AccountPage
        place={place}
        from={from}
        onGo={go}
        onStay={start === 'sign-out' ? onClose : () => go('account')}
      />
    </Sheet>
  );
}

interface AccountPageProps {
  readonly place: AccountPlace;
  readonly from: AccountPlace | undefined;
  readonly onGo: (place: AccountPlace) => void;
  /** Does not sign out after all. */
  readonly onStay: () => void;
}

function AccountPage({ place, from, onGo, onStay }: AccountPageProps): ReactNode {
  if (isSecurityPlace(place))
    return (
      <SecurityArea
        place={place}
        from={from !== undefined && isSecurityPlace(from) ? from : undefined}
        onGo={onGo}
      />
    );
  switch (place) {
    case 'account':
      return <AccountOverview from={from} onGo={onGo} />;
    case 'devices':
      return <DevicesSection />;
    case 'lock':
      return <LockSection />;
    case 'this-device':
      return <ThisDeviceSection />;
    case 'theme':
      return <ThemeSection />;
    case 'relay':
      return <RelaySection />;
    case 'sign-out':
      return <SignOutSection onStay={onStay} />;
    case 'delete':
      return <DeleteSection />;
    case 'not-me':
      return <NotMe onDevices={() => onGo('devices')} onPassword={() => onGo('password')} />;
  }
}

function titleOf(place: AccountPlace, username: string): string {
  if (place === 'account') return username;
  return isSecurityPlace(place) ? SECURITY_TITLES[place] : TITLES[place];
}

/** Where Back leads; the sign-out has a button of its own for that. */
function parentOf(place: AccountPlace): AccountPlace | undefined {
  if (place === 'account' || place === 'sign-out') return undefined;
  return isSecurityPlace(place) ? (SECURITY_PARENTS[place] ?? 'account') : 'account';
}
