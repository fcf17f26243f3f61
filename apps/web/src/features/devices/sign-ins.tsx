import type { DevicesView } from '@sotto/core/page';
import { agoText } from '../../chat/ago.ts';
import { usePage } from '../../chat/page-context.tsx';
import { exactText } from '../../chat/times.ts';
import { deviceName, methodText } from './device-texts.ts';

/** The last sign-ins, newest first. Devices that are gone by now go by the first digits of their id. */
export function SignIns({ view }: { readonly view: DevicesView }) {
  const { now } = usePage();
  const nameByDevice = new Map(view.devices.map((device) => [device.device, deviceName(device)]));
  if (view.signIns.length === 0) return null;
  return (
    <section className="sign-ins" aria-labelledby="sign-ins-title">
      <h3 id="sign-ins-title">Last sign-ins</h3>
      <ol>
        {view.signIns.map(({ time, device, method }) => (
          <li key={`${time}-${device}`}>
            <span>{nameByDevice.get(device) ?? deviceName({ device, name: undefined })}</span>
            <time dateTime={new Date(time).toISOString()} title={exactText(time)}>
              {agoText(time, now())}
            </time>
            <span className="sign-in-method">with {methodText(method)}</span>
          </li>
        ))}
      </ol>
      <p>The relay keeps no addresses with these.</p>
    </section>
  );
}
