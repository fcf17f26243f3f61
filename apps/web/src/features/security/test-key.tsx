import { KeyTest } from './key-test.tsx';
import type { SecurityPageProps } from './places.ts';

/** The test again, at any later day. */
export function TestKey({ onGo }: SecurityPageProps) {
  return <KeyTest onDone={() => onGo('security')} />;
}
