/** A store's HKDF key: 256 random bits that never leave it. The raw bytes are overwritten once the key holds them. */
export async function makeRootKey(random: (length: number) => Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const secret = random(32);
  try {
    return await importRootKey(secret);
  } finally {
    secret.fill(0);
  }
}

/** The key of a secret that lies wrapped on the disk. The caller overwrites the bytes. */
export async function importRootKey(secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey', 'deriveBits']);
}
