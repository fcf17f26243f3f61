import { useEffect } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { createActivity } from './activity.ts';

/** While the app lock is on, tells the worker that somebody is there. It stays on this device: the relay hears nothing. */
export function useActivity(lockMinutes: number | undefined): void {
  const { chat, now } = usePage();
  const isOn = lockMinutes !== undefined;
  useEffect(() => {
    if (!isOn) return;
    // A locked or closed worker refuses; the next screen says so.
    const pass = () => void chat.noteActivity({}).catch(() => undefined);
    const { note } = createActivity({ now, pass });
    const options = { capture: true, passive: true } as const;
    addEventListener('pointerdown', note, options);
    addEventListener('keydown', note, options);
    return () => {
      removeEventListener('pointerdown', note, options);
      removeEventListener('keydown', note, options);
    };
  }, [chat, now, isOn]);
}
