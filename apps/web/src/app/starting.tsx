import { useEffect, useState } from 'react';
import { Wordmark } from '../components/wordmark.tsx';

/** Longer than a start takes on a slow phone, in milliseconds. */
const LONG = 10_000;

/** While the worker opens the store of a person who was signed in. */
export function Starting() {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main className="starting">
      <h1>
        <Wordmark large />
      </h1>
      <p className={long ? 'starting-long' : 'unseen'} role="status">
        {long
          ? 'Opening your messages takes longer than usual. Everything is still on this device: close other tabs of Sotto, then reload.'
          : 'Opening your messages'}
      </p>
    </main>
  );
}
