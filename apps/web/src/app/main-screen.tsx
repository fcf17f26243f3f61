import type { SessionView } from '@sotto/core/page';
import { useEffect, useState } from 'react';
import { useSnapshot } from '../chat/page-context.tsx';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Wordmark } from '../components/wordmark.tsx';
import { AccountSheet } from '../features/account/account-sheet.tsx';
import { AccountAlarm } from '../features/alarms/account-alarm.tsx';
import { ConnectionBanner } from '../features/connection/connection-banner.tsx';
import { SessionEnded } from '../features/connection/session-ended.tsx';
import { ConversationList } from '../features/conversations/conversation-list.tsx';
import { FindPeople } from '../features/people/find-people.tsx';
import { ConversationScreen } from './conversation-screen.tsx';
import { usePlace } from './place.ts';

type SignedIn = Extract<SessionView, { state: 'signed_in' }>;
type OpenSheet = 'none' | 'people' | 'account';

/** The list, the open conversation, and what lies over them. On a phone one pane at a time. */
export function MainScreen({ session }: { readonly session: SignedIn }) {
  const { connection, conversations, alarms } = useSnapshot();
  const { place, go, leave } = usePlace();
  const [sheet, setSheet] = useState<OpenSheet>('none');
  const open = conversations.find((conversation) => conversation.key === place.conversation);
  const accountAlarm = alarms.find((alarm) => alarm.conversation === undefined);
  useUnreadTitle(conversations.reduce((sum, conversation) => sum + conversation.unread, 0));
  const show = (conversation: string) => {
    setSheet('none');
    if (conversation !== place.conversation) go({ conversation, relayView: false });
  };

  return (
    <main className={open === undefined ? 'frame' : 'frame frame-open'}>
      <ConnectionBanner />
      <nav className="side" aria-label="Sotto">
        <header className="side-head">
          <SideTitle isOnlyTitle={open === undefined} />
          <Button look="icon" aria-label="Account" onPress={() => setSheet('account')}>
            <span className="side-initial" aria-hidden="true">
              {session.username.slice(0, 1)}
            </span>
          </Button>
          <Button look="icon" aria-label="New conversation" onPress={() => setSheet('people')}>
            <Icon name="compose" size={22} />
          </Button>
        </header>
        {session.ready || connection !== 'online' ? null : (
          <p className="preparing" role="status">
            Preparing this device…
          </p>
        )}
        {conversations.length === 0 ? (
          <Welcome username={session.username} onFind={() => setSheet('people')} />
        ) : (
          <div className="side-scroll">
            <ConversationList conversations={conversations} open={open?.key} onOpen={show} />
          </div>
        )}
      </nav>
      {open === undefined ? (
        <p className="nothing-open">Choose a conversation, or begin one.</p>
      ) : (
        <ConversationScreen
          key={open.key}
          conversation={open}
          alarm={alarms.find((alarm) => alarm.conversation === open.key)}
          relayView={place.relayView}
          onRelayView={(relayView) =>
            relayView ? go({ conversation: open.key, relayView }) : history.back()
          }
          onBack={leave}
        />
      )}
      {sheet === 'people' ? <FindPeople onClose={() => setSheet('none')} onOpened={show} /> : null}
      {sheet === 'account' ? (
        <AccountSheet username={session.username} device={session.device} onClose={() => setSheet('none')} />
      ) : null}
      {connection === 'ended' && sheet !== 'account' ? (
        <SessionEnded username={session.username} onSignOut={() => setSheet('account')} />
      ) : null}
      {accountAlarm === undefined ? null : <AccountAlarm alarm={accountAlarm} />}
    </main>
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

function useUnreadTitle(unread: number): void {
  useEffect(() => {
    document.title = unread === 0 ? 'Sotto' : `(${unread}) Sotto`;
    return () => {
      document.title = 'Sotto';
    };
  }, [unread]);
}
