import { randomBytes } from 'node:crypto';
import { createRelayKeys } from '../../../src/auth/relay-keys.ts';
import { createHintSeal, type HintSeal } from '../../../src/store/redis/hint-seal.ts';

/** As a process of the relay that has this key has it; each call is another process. */
export function testSeal(relayKey: Uint8Array = Buffer.alloc(32, 7)): HintSeal {
  return createHintSeal(createRelayKeys(relayKey, randomBytes), randomBytes);
}
