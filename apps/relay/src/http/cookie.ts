import { decodeBase64Url, encodeBase64Url, LIMITS } from '@sotto/protocol';
import type { CookieToken } from './handlers.ts';

/** The one cookie: 32 bytes that renew a session. Out of reach of scripts and of other sites. */
export interface RefreshCookie {
  /** The token in a `cookie` header, which is the client's; undefined when there is none of the right form. */
  read(header: string | undefined): Uint8Array | undefined;
  /** The `set-cookie` header that sets it, or clears it. */
  write(token: CookieToken | 'cleared'): string;
}

/**
 * `__Host-` (RFC 6265bis §4.1.3.2) keeps sibling hosts from planting one. Browsers want https for that name, so on plain
 * localhost it has a plain one.
 */
export function createRefreshCookie(origin: () => string): RefreshCookie {
  const isSecure = () => origin().startsWith('https:');
  const nameOf = () => (isSecure() ? '__Host-sotto' : 'sotto');
  return {
    read(header = '') {
      const prefix = `${nameOf()}=`;
      const found = header
        .split(';')
        .map((part) => part.trim())
        .filter((part) => part.startsWith(prefix));
      // Two of the name are a sign of meddling: neither counts.
      if (found.length !== 1) return undefined;
      const token = decodeBase64Url((found[0] ?? '').slice(prefix.length));
      return token?.length === 32 ? token : undefined;
    },
    write(token) {
      const value = token === 'cleared' ? '' : encodeBase64Url(token.token);
      const age = token === 'cleared' ? 0 : lifetimeOf(token);
      const secure = isSecure() ? '; Secure' : '';
      return `${nameOf()}=${value}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
    },
  };
}

/** As long as the session itself lives, so that a shared computer keeps nothing that still opens anything. */
function lifetimeOf({ shared }: CookieToken): number {
  return shared ? LIMITS.sharedSessionSeconds : LIMITS.refreshTokenSeconds;
}
