/** A store's HKDF key: 256 random bits that never leave it. The raw bytes are overwritten once the key holds them. */
export async function makeRootKey(random: (length: number) => Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const secret = random(32);
  try {
    return await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey', 'deriveBits']);
  } finally {
    secret.fill(0);
  }
}
