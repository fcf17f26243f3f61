import type { MessageState, MessageView } from '@sotto/core/page';
import { memo } from 'react';
import { clockText, dayText, exactText } from '../../chat/times.ts';
import { Icon, type IconName } from '../../components/icon.tsx';
import { lineState, noticeText, shapeLine } from './lines.ts';

interface LineRowProps {
  readonly line: MessageView | undefined;
  readonly before: MessageView | undefined;
  readonly after: MessageView | undefined;
  readonly isFirst: boolean;
  readonly startsUnread: boolean;
  readonly deliveredUpTo: number;
  readonly peerName: string;
  readonly now: number;
}

/** One line with what stands above it: a day, the mark of what is new. */
export const LineRow = memo(function LineRow(props: LineRowProps) {
  const { line, before, after, isFirst, now } = props;
  if (line === undefined) return <div className="line-waiting" />;
  const shape = shapeLine(before, line, after, isFirst);
  return (
    <>
      {shape.startsDay ? (
        <p className="day">
          <span>{dayText(line.time, now)}</span>
        </p>
      ) : null}
      {props.startsUnread ? (
        <p className="unread-from">
          <span>New</span>
        </p>
      ) : null}
      {line.kind === 'text' ? (
        <TextLine
          line={line}
          state={lineState(line, props.deliveredUpTo)}
          startsGroup={shape.startsGroup}
          endsGroup={shape.endsGroup}
          peerName={props.peerName}
        />
      ) : (
        <MarginLine line={line} peerName={props.peerName} />
      )}
    </>
  );
}, sameRow);

function sameRow(a: LineRowProps, b: LineRowProps): boolean {
  return (
    a.line === b.line &&
    a.before === b.before &&
    a.after === b.after &&
    a.isFirst === b.isFirst &&
    a.startsUnread === b.startsUnread &&
    a.peerName === b.peerName &&
    (a.line === undefined || lineState(a.line, a.deliveredUpTo) === lineState(a.line, b.deliveredUpTo))
  );
}

interface TextLineProps {
  readonly line: MessageView;
  readonly state: MessageState;
  readonly startsGroup: boolean;
  readonly endsGroup: boolean;
  readonly peerName: string;
}

function TextLine({ line, state, startsGroup, endsGroup, peerName }: TextLineProps) {
  const side = line.mine ? 'line line-mine' : 'line';
  return (
    <div className={`${side}${startsGroup ? ' line-starts' : ''}${endsGroup ? ' line-ends' : ''}`}>
      {startsGroup ? <p className="unseen">{line.mine ? 'You' : peerName}:</p> : null}
      <div className="bubble" title={exactText(line.time)}>
        <p className="line-text">{line.text}</p>
        {line.mine ? <StateMark state={state} /> : null}
      </div>
      {endsGroup ? (
        <time className="line-time" dateTime={new Date(line.time).toISOString()}>
          {clockText(line.time)}
          {state === 'queued' ? ' · waiting to be sent' : ''}
          {state === 'failed' ? ' · not sent' : ''}
        </time>
      ) : null}
    </div>
  );
}

const STATE_TEXTS: Record<
  Exclude<MessageState, 'received'>,
  { readonly text: string; readonly icon: IconName }
> = {
  queued: { text: 'Queued', icon: 'queued' },
  sent: { text: 'Sent', icon: 'sent' },
  delivered: { text: 'Delivered', icon: 'delivered' },
  failed: { text: 'Failed', icon: 'failed' },
};

function StateMark({ state }: { readonly state: MessageState }) {
  if (state === 'received') return null;
  const { text, icon } = STATE_TEXTS[state];
  return (
    <span className={`mark mark-${state}`} title={text}>
      <Icon name={icon} size={16} />
      <span className="unseen">{text}</span>
    </span>
  );
}

function MarginLine({ line, peerName }: { readonly line: MessageView; readonly peerName: string }) {
  if (line.kind === 'notice') return <p className="notice">{noticeText(line, peerName)}</p>;
  return (
    <p className="gap">
      <Icon name="warning" size={16} />
      <span>{line.text === '' ? 'Something here could not be opened.' : line.text}</span>
    </p>
  );
}
