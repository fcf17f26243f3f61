import { agoText } from '../../chat/ago.ts';
import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import { NOTICE_TEXTS, noticeDevice } from './notice-texts.ts';
import './notices.css';

/** What happened to the account elsewhere, one at a time, newest first, until the person has said whether it was them. */
export function NoticeBanner({ onNotMe }: { readonly onNotMe: () => void }) {
  const { chat, now } = usePage();
  const { notices } = useSnapshot();
  const { busy, run } = useAttempt();
  const [notice] = notices;
  return (
    <div className="notice-place" role="status">
      {notice === undefined ? null : (
        <div className="account-notice">
          <Icon name="shield" />
          <p>
            <strong>{NOTICE_TEXTS[notice.kind].title}</strong> {agoText(notice.time, now())},{' '}
            {NOTICE_TEXTS[notice.kind].what(noticeDevice(notice.device))}.
            {notices.length > 1 ? ` ${moreText(notices.length - 1)}` : ''}
          </p>
          <div className="notice-actions">
            <Button
              look="quiet"
              isDisabled={busy}
              onPress={() => void run(() => chat.dismissNotice({ id: notice.id }))}
            >
              This was me
            </Button>
            <Button look="quiet" onPress={onNotMe}>
              Not me
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}

function moreText(more: number): string {
  return more === 1 ? 'One more after this.' : `${more} more after this.`;
}
