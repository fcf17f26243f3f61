import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeBase64Url } from '@sotto/protocol';

/** Puts another secret in the place of the one in the data folder: whole or not at all, and on disk when it resolves. */
export async function replaceJwtSecret(folder: string, secret: Uint8Array): Promise<void> {
  const path = join(folder, 'jwt-secret');
  const draft = `${path}.${process.pid}.next`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${encodeBase64Url(secret)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
