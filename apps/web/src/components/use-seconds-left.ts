import { useEffect, useState } from 'react';
import { usePage } from '../chat/page-context.tsx';

/** Whole seconds until `until` (milliseconds), counting down to 0. */
export function useSecondsLeft(until: number): number {
  const { now } = usePage();
  const [time, setTime] = useState(now);
  const left = Math.max(0, Math.ceil((until - time) / 1000));
  useEffect(() => {
    if (until <= now()) return setTime(now());
    const timer = setInterval(() => {
      setTime(now());
      if (until <= now()) clearInterval(timer);
    }, 1000);
    return () => clearInterval(timer);
  }, [until, now]);
  return left;
}
