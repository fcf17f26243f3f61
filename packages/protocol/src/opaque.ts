/**
 * Version of every OPAQUE parameter that both sides must share: suite, key stretching, identifiers. A change of any of
 * them takes a new version, since records made under the old one no longer open.
 */
const OPAQUE_VERSION = 'sotto-1';

/**
 * The server identity of the OPAQUE envelope (RFC 9807 §4). A password typed at one origin opens nothing at another,
 * nor under other parameters. The client identity is the user name.
 * @param origin as `URL.origin` writes it: `https://chat.example`.
 */
export function opaqueServerIdentifier(origin: string): string {
  return `${origin}|${OPAQUE_VERSION}`;
}

/**
 * Key stretching of the password, a constant of the build: a relay cannot ask for less. Argon2id, 3 passes, 64 MiB,
 * 4 lanes (RFC 9106 §4, second recommended option), the library's `memory-constrained`; about 0.2 s in Chromium on a
 * 2-core machine.
 */
export const OPAQUE_KEY_STRETCHING = 'memory-constrained';
