import { useSyncExternalStore } from 'react';
import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { Row, Rows } from '../../components/row.tsx';
import { Step } from '../../components/step.tsx';
import { THEME_TEXTS } from './theme-section.tsx';
import './account.css';

/** The parts of the account sheet that the overview leads to. */
export type OverviewPlace =
  | 'security'
  | 'devices'
  | 'lock'
  | 'this-device'
  | 'theme'
  | 'relay'
  | 'sign-out'
  | 'delete';

interface AccountOverviewProps {
  /** The part that one comes back from: its row takes the focus. */
  readonly from: string | undefined;
  readonly onGo: (place: OverviewPlace) => void;
}

/** What there is to set, one row each. */
export function AccountOverview({ from, onGo }: AccountOverviewProps) {
  const { theme } = usePage();
  const { session } = useSnapshot();
  const chosen = useSyncExternalStore(theme.subscribe, theme.read);
  const row = (place: OverviewPlace) => ({ autoFocus: from === place, onOpen: () => onGo(place) });
  const minutes = session.state === 'signed_in' ? session.lockMinutes : undefined;
  return (
    <Step label="Account">
      <Rows label="Account">
        <Row icon="shield" name="Security" {...row('security')} />
        <Row icon="devices" name="Devices" {...row('devices')} />
        <Row icon="lock" name="App lock" value={minutes === undefined ? 'Off' : 'On'} {...row('lock')} />
        <Row icon="chip" name="This device" {...row('this-device')} />
        <Row icon="theme" name="Theme" value={THEME_TEXTS[chosen]} {...row('theme')} />
        <Row icon="eye" name="What the relay sees" {...row('relay')} />
        <Row icon="leave" name="Sign out…" {...row('sign-out')} />
        <Row icon="remove" name="Delete account…" look="alarm" {...row('delete')} />
      </Rows>
    </Step>
  );
}
