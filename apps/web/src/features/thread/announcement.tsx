import type { ConversationView } from '@sotto/core/page';
import { useState } from 'react';

/** Only what arrives is read aloud: lines that scroll into view are not news. */
export function Announcement({ conversation }: { readonly conversation: ConversationView }) {
  const { last, peer } = conversation;
  const [opened] = useState(last?.id);
  const isNews = last !== undefined && last.id !== opened && !last.mine;
  const speaker = last?.kind === 'text' ? `${peer.username}: ` : '';
  return (
    <p className="unseen" aria-live="polite">
      {isNews ? `${speaker}${last.text}` : ''}
    </p>
  );
}
