import { useCallback, useEffect, useState } from 'react';

/** Where in the app a person is. Kept in the history's state, never in the address: account ids are nobody's business. */
export interface Place {
  readonly conversation: string | undefined;
  readonly relayView: boolean;
}

const START: Place = { conversation: undefined, relayView: false };

function parsePlace(state: unknown): Place {
  if (typeof state !== 'object' || state === null) return START;
  const conversation =
    'conversation' in state && typeof state.conversation === 'string' ? state.conversation : undefined;
  return {
    conversation,
    relayView: conversation !== undefined && 'relayView' in state && state.relayView === true,
  };
}

/** The place, and the way to another one; the browser's Back goes back through them. */
export function usePlace() {
  const [place, setPlace] = useState<Place>(() => parsePlace(history.state));
  useEffect(() => {
    const follow = (event: PopStateEvent) => setPlace(parsePlace(event.state));
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const go = useCallback((next: Place) => {
    history.pushState(next, '');
    setPlace(next);
  }, []);
  const leave = useCallback(() => {
    history.replaceState(START, '');
    setPlace(START);
  }, []);
  return { place, go, leave };
}
