/**
 * The relay's refresh cookie, where no browser keeps it: one origin, one cookie, in memory. It is a secret: it goes back
 * to the relay only, and nowhere else.
 */
export interface CookieJar {
  /** The `Cookie` header, or undefined when there is none. */
  header(): string | undefined;
  /** Takes `Set-Cookie` headers of an answer (RFC 6265 §5.2); the last one wins. */
  take(setCookie: readonly string[]): void;
}

/** The longest name and value together that a jar keeps: RFC 6265 §6.1 asks for no more. */
const COOKIE_LIMIT = 4096;

export function createCookieJar(): CookieJar {
  let pair: string | undefined;
  return {
    header: () => pair,
    take(setCookie) {
      for (const line of setCookie) {
        const [first = '', ...attributes] = line.split(';');
        const value = first.trim();
        if (value.length > COOKIE_LIMIT || !/^[\w-]+=[\x21-\x7e]*$/.test(value)) continue;
        pair = value.endsWith('=') || attributes.some(endsCookie) ? undefined : value;
      }
    },
  };
}

function endsCookie(attribute: string): boolean {
  return /^\s*max-age\s*=\s*(?:0|-\d+)\s*$/i.test(attribute);
}
