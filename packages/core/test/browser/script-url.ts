interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

const { trustedTypes } = globalThis as unknown as { trustedTypes: TrustedTypes };
const policy = trustedTypes.createPolicy('sotto-worker', { createScriptURL: (url) => url });

/** The one policy that the page's rules allow. */
export function scriptUrl(url: string): string {
  return policy.createScriptURL(url);
}
