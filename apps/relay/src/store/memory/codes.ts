import { encodeHex } from '@sotto/protocol';
import type { CodeStore, NewCode } from '../code-store.ts';

/** The port, and a claim within another store's step. */
export interface MemoryCodes extends CodeStore {
  claimNow(id: Uint8Array, expiresAt: number): boolean;
}

export function createMemoryCodes(): MemoryCodes {
  const codes = new Map<string, NewCode>();
  /** Ids that were claimed, and until when that is remembered. */
  const claims = new Map<string, number>();
  const claimNow = (id: Uint8Array, expiresAt: number): boolean => {
    const key = encodeHex(id);
    if (claims.has(key)) return false;
    claims.set(key, expiresAt);
    return true;
  };
  return {
    claimNow,
    async put(code) {
      codes.set(encodeHex(code.id), code);
    },
    async try(id, now) {
      const key = encodeHex(id);
      const code = codes.get(key);
      if (code === undefined || code.tries === 0 || code.expiresAt <= now || claims.has(key))
        return undefined;
      codes.set(key, { ...code, tries: code.tries - 1 });
      return { hash: code.hash };
    },
    claim: async (id, expiresAt) => claimNow(id, expiresAt),
    async isClaimed(id, now) {
      return (claims.get(encodeHex(id)) ?? 0) > now;
    },
    async sweep(now) {
      for (const [key, code] of codes) if (code.expiresAt <= now) codes.delete(key);
      for (const [key, expiresAt] of claims) if (expiresAt <= now) claims.delete(key);
    },
  };
}
