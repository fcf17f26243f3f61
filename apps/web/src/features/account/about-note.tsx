import { WhatTheRelaySees } from './what-the-relay-sees.tsx';
import './about.css';

/** Under the sign-in card, for those who ask before they join. */
export function AboutNote() {
  return (
    <details className="about">
      <summary>What does the relay see?</summary>
      <WhatTheRelaySees />
    </details>
  );
}
