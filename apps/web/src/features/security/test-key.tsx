import type { SecurityView } from '@sotto/core/page';
import { KeyTest } from './key-test.tsx';
import type { SecurityPageProps } from './places.ts';

/** The test again, at any later day. */
export function TestKey({ onGo }: SecurityPageProps<SecurityView>) {
  return <KeyTest onDone={() => onGo('security')} />;
}
