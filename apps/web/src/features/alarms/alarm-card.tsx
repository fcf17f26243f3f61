import type { AlarmView } from '@sotto/core/page';
import { alarmActionText, alarmText } from '../../chat/alarm-texts.ts';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import './alarm-card.css';

interface AlarmCardProps {
  readonly alarm: AlarmView;
  /** The other person, or undefined when it is about the own account. */
  readonly peer: string | undefined;
  /** Offered where comparing is the thing to do. */
  readonly onSafetyNumber?: (() => void) | undefined;
}

/** Stands where one would write, until the person decides. */
export function AlarmCard({ alarm, peer, onSafetyNumber }: AlarmCardProps) {
  const { title } = alarmText(alarm.kind, peer);
  return (
    <section className="alarm" role="alert" aria-label={title}>
      <h2 className="alarm-title">
        <Icon name="warning" size={22} />
        {title}
      </h2>
      <AlarmDecision alarm={alarm} peer={peer} onSafetyNumber={onSafetyNumber} />
    </section>
  );
}

/** What happened, what is safe, what to do, and the ways to decide. */
export function AlarmDecision({ alarm, peer, onSafetyNumber }: AlarmCardProps) {
  const { chat } = usePage();
  const { busy, failure, run } = useAttempt();
  const text = alarmText(alarm.kind, peer);
  const compares = alarm.kind === 'identity_changed' && onSafetyNumber !== undefined;
  return (
    <>
      <dl className="alarm-text">
        <dt>What happened</dt>
        <dd>{text.happened}</dd>
        <dt>What is safe</dt>
        <dd>{text.safe}</dd>
        <dt>What to do</dt>
        <dd>{text.todo}</dd>
      </dl>
      <FailureNote text={failure} />
      <div className="alarm-actions">
        {compares ? (
          <Button look="alarm" onPress={onSafetyNumber}>
            Compare safety numbers
          </Button>
        ) : null}
        {alarm.actions.map((action, place) => (
          <Button
            key={action}
            look={place === 0 && !compares ? 'alarm' : 'quiet'}
            isDisabled={busy}
            onPress={() => void run(() => chat.resolveAlarm({ alarm: alarm.id, action }))}
          >
            {alarmActionText(alarm.kind, action)}
          </Button>
        ))}
      </div>
    </>
  );
}
