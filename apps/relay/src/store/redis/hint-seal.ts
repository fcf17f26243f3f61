import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { RelayKeys } from '../../auth/relay-keys.ts';
import type { Random } from '../../clock.ts';

/**
 * What nodes say to each other, for nobody between them to read or to make. Each process seals under a key of its own, made
 * from the relay's and a name that it draws when it starts, and counts its messages: so no nonce comes twice, however many
 * there are. Said again by somebody else, a message tells what was true before: hints are made for that.
 */
export interface HintSeal {
  seal(message: Uint8Array): Buffer;
  /** Undefined for what no node of this relay has sealed. The bytes are whatever somebody wrote to the channel. */
  open(sealed: Uint8Array): Uint8Array | undefined;
}

const NAME = 16;
/** AES-GCM's 96 bits (NIST SP 800-38D §8.2.1, deterministic construction: the name has a key of its own, so the field is zero). */
const NONCE = 12;
const TAG = 16;
const PURPOSE = 'hints between nodes';
/** Processes whose keys are kept. Strangers may make up names: more than this are made again. */
const KEPT_KEYS = 64;

export function createHintSeal(keys: Pick<RelayKeys, 'mac'>, random: Random): HintSeal {
  const name = random(NAME);
  // HMAC-SHA-256 as the pseudorandom function of RFC 5869 §2.3: 32 bytes, one key.
  const deriveKey = (of: Uint8Array): Uint8Array => keys.mac(PURPOSE, of);
  const ownKey = deriveKey(name);
  const keysByName = new Map<string, Uint8Array>();
  let sealed = 0n;

  const keyOf = (of: Uint8Array): Uint8Array => {
    const label = Buffer.from(of).toString('latin1');
    const key = keysByName.get(label) ?? deriveKey(of);
    keysByName.delete(label);
    keysByName.set(label, key);
    const [oldest] = keysByName.keys();
    if (keysByName.size > KEPT_KEYS && oldest !== undefined) keysByName.delete(oldest);
    return key;
  };

  return {
    seal(message) {
      const nonce = Buffer.alloc(NONCE);
      nonce.writeBigUInt64BE(sealed++, NONCE - 8);
      const cipher = createCipheriv('aes-256-gcm', ownKey, nonce);
      return Buffer.concat([name, nonce, cipher.update(message), cipher.final(), cipher.getAuthTag()]);
    },
    open(bytes) {
      if (bytes.length < NAME + NONCE + TAG) return undefined;
      const [key, nonce] = [keyOf(bytes.subarray(0, NAME)), bytes.subarray(NAME, NAME + NONCE)];
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
      decipher.setAuthTag(bytes.subarray(-TAG));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(NAME + NONCE, -TAG)), decipher.final()]);
      } catch {
        return undefined;
      }
    },
  };
}
