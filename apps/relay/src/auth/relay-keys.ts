import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import type { Random } from '../clock.ts';

/**
 * What the relay seals and marks for itself: tickets, codes, proofs of work, secrets at rest, waiting mail. Each purpose has
 * keys of its own, so nothing made for one is good for another.
 */
export interface RelayKeys {
  /** AES-256-GCM, random nonce in front, associated data = purpose. */
  seal(purpose: string, plain: Uint8Array): Uint8Array;
  /** Undefined for what was not sealed here, or for another purpose. The bytes may be anybody's. */
  open(purpose: string, sealed: Uint8Array): Uint8Array | undefined;
  /** HMAC-SHA-256 under a key of that purpose, over the parts, each behind its length. */
  mac(purpose: string, ...parts: readonly Uint8Array[]): Uint8Array;
}

const NONCE = 12;
const TAG = 16;

/** `relayKey`: at least 32 random bytes, secret, the same on every node that shares the database. */
export function createRelayKeys(relayKey: Uint8Array, random: Random): RelayKeys {
  if (relayKey.length < 32) throw new Error('relay key is shorter than 32 bytes');
  // Purposes are constants of the code, so there are few.
  const keysByLabel = new Map<string, Buffer>();
  const keyOf = (use: 'seal' | 'mac', purpose: string): Buffer => {
    const label = `sotto relay v1 ${use} ${purpose}`;
    const found = keysByLabel.get(label);
    if (found !== undefined) return found;
    // RFC 5869; the key is uniform, so the salt may be empty.
    const key = Buffer.from(hkdfSync('sha256', relayKey, new Uint8Array(0), label, 32));
    keysByLabel.set(label, key);
    return key;
  };
  return {
    seal(purpose, plain) {
      const nonce = random(NONCE);
      const cipher = createCipheriv('aes-256-gcm', keyOf('seal', purpose), nonce);
      cipher.setAAD(new TextEncoder().encode(purpose));
      const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      return new Uint8Array(sealed);
    },
    open(purpose, sealed) {
      if (sealed.length < NONCE + TAG) return undefined;
      const nonce = sealed.subarray(0, NONCE);
      const decipher = createDecipheriv('aes-256-gcm', keyOf('seal', purpose), nonce, { authTagLength: TAG });
      decipher.setAAD(new TextEncoder().encode(purpose));
      decipher.setAuthTag(sealed.subarray(-TAG));
      try {
        const plain = Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()]);
        return new Uint8Array(plain);
      } catch {
        return undefined;
      }
    },
    mac(purpose, ...parts) {
      const framed = Buffer.allocUnsafe(parts.reduce((sum, { length }) => sum + 4 + length, 0));
      let at = 0;
      for (const part of parts) {
        framed.writeUInt32BE(part.length, at);
        framed.set(part, at + 4);
        at += 4 + part.length;
      }
      return new Uint8Array(createHmac('sha256', keyOf('mac', purpose)).update(framed).digest());
    },
  };
}
