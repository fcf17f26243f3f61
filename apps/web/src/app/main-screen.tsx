import type { SessionView } from '@sotto/core/page';
import { lazy, useEffect, useState } from 'react';
import { useSnapshot } from '../chat/page-context.tsx';
import { LazyPart } from '../components/lazy-part.tsx';
import { AccountAlarm } from '../features/alarms/account-alarm.tsx';
import { ConnectionBanner } from '../features/connection/connection-banner.tsx';
import { SessionEnded } from '../features/connection/session-ended.tsx';
import { useActivity } from '../features/lock/use-activity.ts';
import { NoticeBanner } from '../features/notices/notice-banner.tsx';
import { FindPeople } from '../features/people/find-people.tsx';
import { Recover } from '../features/recover/recover.tsx';
import type { AccountPlace } from './account-place.ts';
import { ConversationScreen } from './conversation-screen.tsx';
import { usePlace } from './place.ts';
import { SidePane } from './side-pane.tsx';

type SignedIn = Extract<SessionView, { state: 'signed_in' }>;
/** What lies over the screen: finding people, or the account sheet at one of its pages. */
type OpenSheet = 'none' | 'people' | AccountPlace;

const AccountSheet = lazy(() => import('./account-sheet.tsx'));

/** The list, the open conversation, and what lies over them. On a phone one pane at a time. */
export function MainScreen({ session }: { readonly session: SignedIn }) {
  const { conversations, alarms } = useSnapshot();
  const { place, go, leave } = usePlace();
  const [sheet, setSheet] = useState<OpenSheet>('none');
  const open = conversations.find((conversation) => conversation.key === place.conversation);
  useUnreadTitle(conversations.reduce((sum, conversation) => sum + conversation.unread, 0));
  useActivity(session.lockMinutes);
  const show = (conversation: string) => {
    setSheet('none');
    if (conversation !== place.conversation) go({ conversation, relayView: false });
  };

  return (
    <main className={open === undefined ? 'frame' : 'frame frame-open'}>
      <div className="banners">
        <ConnectionBanner />
        <NoticeBanner onNotMe={() => setSheet('not-me')} />
      </div>
      <SidePane
        session={session}
        open={open}
        onOpen={show}
        onPeople={() => setSheet('people')}
        onAccount={setSheet}
      />
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
      <Overlays session={session} sheet={sheet} onSheet={setSheet} onOpened={show} />
    </main>
  );
}

interface OverlaysProps {
  readonly session: SignedIn;
  readonly sheet: OpenSheet;
  readonly onSheet: (sheet: OpenSheet) => void;
  readonly onOpened: (conversation: string) => void;
}

function Overlays({ session, sheet, onSheet, onOpened }: OverlaysProps) {
  const { connection, alarms } = useSnapshot();
  const accountAlarm = alarms.find((alarm) => alarm.conversation === undefined);
  const close = () => onSheet('none');
  return (
    <>
      {sheet === 'people' ? <FindPeople onClose={close} onOpened={onOpened} /> : null}
      {sheet === 'none' || sheet === 'people' ? null : (
        <LazyPart onClose={close}>
          <AccountSheet start={sheet} onClose={close} />
        </LazyPart>
      )}
      {connection === 'ended' && sheet !== 'sign-out' ? (
        <SessionEnded
          username={session.username}
          onSignOut={() => onSheet('sign-out')}
          recover={(onBack) => (
            <Recover username={session.username} shared={session.shared} onBack={onBack} />
          )}
        />
      ) : null}
      {accountAlarm === undefined ? null : <AccountAlarm alarm={accountAlarm} />}
    </>
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
