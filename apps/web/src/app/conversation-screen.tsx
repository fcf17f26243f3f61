import type { AlarmView, ConversationView } from '@sotto/core/page';
import { useState } from 'react';
import { AlarmCard } from '../features/alarms/alarm-card.tsx';
import { RelayView } from '../features/relay-view/relay-view.tsx';
import { SafetySheet } from '../features/safety/safety-sheet.tsx';
import { Composer } from '../features/thread/composer.tsx';
import { Thread } from '../features/thread/thread.tsx';
import { ThreadHeader } from '../features/thread/thread-header.tsx';

interface ConversationScreenProps {
  readonly conversation: ConversationView;
  readonly alarm: AlarmView | undefined;
  readonly relayView: boolean;
  readonly onRelayView: (open: boolean) => void;
  readonly onBack: () => void;
}

/** One conversation: who, the log, where one writes; beside it, when asked, what the relay holds of it. */
export function ConversationScreen(props: ConversationScreenProps) {
  const { conversation, alarm, relayView, onRelayView, onBack } = props;
  const [comparing, setComparing] = useState(false);
  const { peer } = conversation;
  return (
    <div className={relayView ? 'open-conversation with-relay-view' : 'open-conversation'}>
      <section className="conversation-pane" aria-label={`Conversation with ${peer.username}`}>
        <ThreadHeader
          peer={peer}
          relayViewOpen={relayView}
          onBack={onBack}
          onSafetyNumber={() => setComparing(true)}
          onRelayView={() => onRelayView(!relayView)}
        />
        <Thread conversation={conversation} />
        {alarm === undefined ? (
          <Composer
            conversation={conversation.key}
            peerName={peer.username}
            isDisabled={conversation.blocked}
            isClosed={peer.closed}
          />
        ) : (
          <AlarmCard alarm={alarm} peer={peer.username} onSafetyNumber={() => setComparing(true)} />
        )}
      </section>
      {relayView ? <RelayView conversation={conversation} onClose={() => onRelayView(false)} /> : null}
      {comparing ? <SafetySheet peer={peer} onClose={() => setComparing(false)} /> : null}
    </div>
  );
}
