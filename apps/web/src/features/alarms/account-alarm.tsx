import type { AlarmView } from '@sotto/core/page';
import { alarmText } from '../../chat/alarm-texts.ts';
import { Sheet } from '../../components/sheet.tsx';
import { AlarmDecision } from './alarm-card.tsx';

/** An alarm about the account itself: nothing else can be done before it is decided. */
export function AccountAlarm({ alarm }: { readonly alarm: AlarmView }) {
  return (
    <Sheet title={alarmText(alarm.kind, undefined).title} role="alertdialog" onClose={() => undefined}>
      <div className="alarm-in-sheet">
        <AlarmDecision alarm={alarm} peer={undefined} />
      </div>
    </Sheet>
  );
}
