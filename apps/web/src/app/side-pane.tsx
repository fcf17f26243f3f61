import type { ConversationView, SessionView } from '@sotto/core/page';
import { useSnapshot } from '../chat/page-context.tsx';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Wordmark } from '../components/wordmark.tsx';
import { ConversationList } from '../features/conversations/conversation-list.tsx';
import { LockButton } from '../features/lock/lock-button.tsx';
import { RecoveryNudge } from '../features/notices/recovery-nudge.tsx';
import type { AccountPlace } from './account-place.ts';

interface SidePaneProps {
  readonly session: Extract<SessionView, { state: 'signed_in' }>;
  readonly open: ConversationView | undefined;
  readonly onOpen: (conversation: string) => void;
  readonly onPeople: () => void;
  readonly onAccount: (place: AccountPlace) => void;
}

/** Who I am, and everybody I talk with. */
export function SidePane({ session, open, onOpen, onPeople, onAccount }: SidePaneProps) {
  const { connection, conversations } = useSnapshot();
  const { ready, shared, username, lockMinutes } = session;
  return (
    <nav className="side" aria-label="Sotto">
      <header className="side-head">
        <SideTitle isOnlyTitle={open === undefined} />
        {lockMinutes === undefined ? null : <LockButton />}
        <Button look="icon" aria-label="Account" onPress={() => onAccount('account')}>
          <span className="side-initial" aria-hidden="true">
            {username.slice(0, 1)}
          </span>
        </Button>
        <Button look="icon" aria-label="New conversation" onPress={onPeople}>
          <Icon name="compose" size={22} />
        </Button>
      </header>
      {ready || connection !== 'online' ? null : (
        <p className="preparing" role="status">
          Preparing this device…
        </p>
      )}
      {shared ? (
        <p className="shared-note">Shared computer: nothing is kept here. Sign out when you leave.</p>
      ) : null}
      <RecoveryNudge
        canAsk={ready && connection === 'online'}
        shared={shared}
        onMake={() => onAccount('recovery-key')}
      />
      {conversations.length === 0 ? (
        <Welcome username={username} onFind={onPeople} />
      ) : (
        <div className="side-scroll">
          <ConversationList conversations={conversations} open={open?.key} onOpen={onOpen} />
        </div>
      )}
    </nav>
  );
}

/** An open conversation is the page's heading; without one, the product's name is. */
function SideTitle({ isOnlyTitle }: { readonly isOnlyTitle: boolean }) {
  const Title = isOnlyTitle ? 'h1' : 'p';
  return (
    <Title className="side-title">
      <Wordmark />
    </Title>
  );
}

function Welcome({ username, onFind }: { readonly username: string; readonly onFind: () => void }) {
  return (
    <div className="welcome">
      <h2>Welcome, {username}.</h2>
      <ol>
        <li>Tell somebody your username: it is how they find you.</li>
        <li>Find them by theirs, and write.</li>
        <li>Compare the safety number once, and you know nobody listens.</li>
      </ol>
      <Button look="strong" onPress={onFind}>
        Find somebody
      </Button>
    </div>
  );
}
