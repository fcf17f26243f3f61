import type { Page } from '@playwright/test';

/** A platform authenticator that always says yes, as Chromium simulates it. */
export async function addAuthenticator(page: Page, { hasPrf }: { readonly hasPrf: boolean }): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      hasPrf,
    },
  });
}

/** An authenticator of this browser that has one discoverable passkey of this host, and PRF. Answers its id, base64url. */
export async function givePasskey(page: Page): Promise<string> {
  await addAuthenticator(page, { hasPrf: true });
  return page.evaluate(async () => {
    const made = await navigator.credentials.create({
      publicKey: {
        rp: { name: 'Sotto' },
        user: { id: new Uint8Array(16), name: 'carol', displayName: 'carol' },
        challenge: new Uint8Array(32),
        pubKeyCredParams: [-7, -257].map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        extensions: { prf: {} },
      },
    });
    return made?.id ?? '';
  });
}
