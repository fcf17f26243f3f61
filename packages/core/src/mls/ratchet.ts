import type { CiphersuiteImpl, GenerationSecret } from 'ts-mls';
import { deriveTreeSecret } from 'ts-mls/crypto/kdf.js';
import { concatBytes, isZero } from './bytes.ts';
import { GENERATIONS } from './limits.ts';

export interface MessageKey {
  readonly generation: number;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly next: GenerationSecret;
  /** Secrets of `ratchet` that `next` no longer holds. */
  readonly spent: readonly Uint8Array[];
}

/**
 * The secret tree's per-sender ratchet (RFC 9420 §9.1). ts-mls keeps, for a generation that was skipped, the ratchet
 * secret itself, from which every later key follows; here a skipped generation keeps its key and nonce only (§9.2), as
 * `key ‖ nonce` in `unusedGenerations`. `generation` comes from a member: it is bounded both ways.
 */
export async function takeMessageKey(
  suite: CiphersuiteImpl,
  ratchet: GenerationSecret,
  generation: number,
): Promise<MessageKey | 'replayed' | 'too_far'> {
  const keyLength = suite.hpke.keyLength;
  if (generation < ratchet.generation) {
    const { [generation]: kept, ...unusedGenerations } = ratchet.unusedGenerations;
    if (kept === undefined) return 'replayed';
    const [key, nonce] = [kept.slice(0, keyLength), kept.slice(keyLength)];
    return { generation, key, nonce, next: { ...ratchet, unusedGenerations }, spent: [kept] };
  }
  if (generation - ratchet.generation > GENERATIONS.forward) return 'too_far';
  if (isZero(ratchet.secret)) throw new Error('this value of the group was erased');
  const skipped = { ...ratchet.unusedGenerations };
  const spent: Uint8Array[] = [ratchet.secret];
  let secret = ratchet.secret;
  for (let at = ratchet.generation; at < generation; at += 1) {
    const step = await ratchetOnce(suite, secret, at);
    skipped[at] = concatBytes(step.key, step.nonce);
    if (secret !== ratchet.secret) secret.fill(0);
    secret = step.nextSecret;
  }
  const { key, nonce, nextSecret } = await ratchetOnce(suite, secret, generation);
  if (secret !== ratchet.secret) secret.fill(0);
  for (const old of oldestBeyond(skipped, GENERATIONS.kept)) {
    spent.push(skipped[old] ?? secret);
    delete skipped[old];
  }
  const next = { secret: nextSecret, generation: generation + 1, unusedGenerations: skipped };
  return { generation, key, nonce, next, spent };
}

async function ratchetOnce(suite: CiphersuiteImpl, secret: Uint8Array, generation: number) {
  const { kdf, hpke } = suite;
  return {
    key: await deriveTreeSecret(secret, 'key', generation, hpke.keyLength, kdf),
    nonce: await deriveTreeSecret(secret, 'nonce', generation, hpke.nonceLength, kdf),
    nextSecret: await deriveTreeSecret(secret, 'secret', generation, kdf.size, kdf),
  };
}

function oldestBeyond(kept: Readonly<Record<number, Uint8Array>>, limit: number): number[] {
  const generations = Object.keys(kept).map(Number);
  return generations.sort((a, b) => a - b).slice(0, Math.max(0, generations.length - limit));
}

/** RFC 9420 §6.3.1: the reuse guard is XORed into the first four bytes of the nonce. */
export function guardNonce(nonce: Uint8Array, reuseGuard: Uint8Array): Uint8Array {
  return nonce.map((byte, index) => byte ^ (reuseGuard[index] ?? 0));
}
