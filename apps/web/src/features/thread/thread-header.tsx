import type { PersonView } from '@sotto/core/page';
import { Avatar } from '../../components/avatar.tsx';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import './thread-header.css';

interface ThreadHeaderProps {
  readonly peer: PersonView;
  readonly relayViewOpen: boolean;
  readonly onBack: () => void;
  readonly onSafetyNumber: () => void;
  readonly onRelayView: () => void;
}

export function ThreadHeader({
  peer,
  relayViewOpen,
  onBack,
  onSafetyNumber,
  onRelayView,
}: ThreadHeaderProps) {
  return (
    <header className="thread-header">
      <Button look="icon" extraClass="back" aria-label="Back to conversations" onPress={onBack}>
        <Icon name="back" size={22} />
      </Button>
      <Avatar account={peer.account} name={peer.username} />
      <div className="thread-title">
        <h1>{peer.username}</h1>
        <p>{stateText(peer)}</p>
      </div>
      <Button look="plain" extraClass="header-action" aria-label="Safety number" onPress={onSafetyNumber}>
        <Icon name={peer.verified ? 'shieldCheck' : 'shield'} />
        <span className="header-action-text">Safety number</span>
      </Button>
      <Button
        look="plain"
        extraClass="header-action"
        aria-label="Relay's view"
        aria-expanded={relayViewOpen}
        onPress={onRelayView}
      >
        <Icon name="eye" />
        <span className="header-action-text">Relay's view</span>
      </Button>
    </header>
  );
}

function stateText({ closed, verified }: PersonView): string {
  if (closed) return 'Deleted their account';
  return verified ? 'Verified' : 'End-to-end encrypted';
}
