/** What this file needs of a browser with Trusted Types; others have neither the check nor the factory. */
interface PolicyHost {
  readonly origin: string;
  readonly trustedTypes?: {
    createPolicy(
      name: string,
      rules: { createScriptURL(url: string): string },
    ): { createScriptURL(url: string): unknown };
  };
}

/**
 * The one Trusted Types policy of the page, `sotto-worker`: it lets a worker's script be loaded from this origin's
 * `/assets/`, and its `/sw.js`, and from nowhere else. It can be made once; the CSP names it, and forbids all others.
 * @throws TypeError for any other address.
 */
export function createScriptUrlPolicy(host: PolicyHost): (url: string) => string {
  const createScriptURL = (url: string) => {
    const { origin, pathname, href } = new URL(url, host.origin);
    const isOurs = pathname.startsWith('/assets/') || pathname === '/sw.js';
    if (origin !== host.origin || !isOurs) throw new TypeError('not a worker of this page');
    return href;
  };
  const policy = host.trustedTypes?.createPolicy('sotto-worker', { createScriptURL });
  // Constructors take a TrustedScriptURL here, which TypeScript's own types do not know everywhere.
  return (url) => (policy === undefined ? createScriptURL(url) : (policy.createScriptURL(url) as string));
}
