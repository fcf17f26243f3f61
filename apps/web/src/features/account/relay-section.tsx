import { Step } from '../../components/step.tsx';
import { WhatTheRelaySees } from './what-the-relay-sees.tsx';

export function RelaySection() {
  return (
    <Step label="What the relay sees">
      <WhatTheRelaySees />
    </Step>
  );
}
