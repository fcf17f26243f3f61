import { createHash, getRandomValues } from 'node:crypto';
import { createMls, type DeviceIdentity, type Mls } from '@sotto/core/testing';
import { decodeHex } from '@sotto/protocol';

/** Somebody with the relay's knowledge and an MLS of their own, who calls themselves what they like. */
export interface Villain {
  readonly mls: Mls;
  readonly identity: DeviceIdentity;
}

/** @param account whose name the villain uses. @param device likewise; one that nobody knows when not given. */
export async function createVillain(
  clock: () => number,
  account: string,
  device: string = createHash('md5').update(account).digest('hex'),
): Promise<Villain> {
  const mls = await createMls({
    authentication: { isCurrentDevice: async () => true },
    clock,
    random: (length) => getRandomValues(new Uint8Array(length)),
  });
  const { publicKey, privateKey } = await mls.generateSignatureKey();
  const identity = {
    account: decodeHex(account) ?? new Uint8Array(),
    device: decodeHex(device) ?? new Uint8Array(),
    signatureKey: publicKey,
    signaturePrivateKey: privateKey,
  };
  return { mls, identity };
}

/** A KeyPackage of the villain, sound in everything but whose it is. */
export async function packageOf({ mls, identity }: Villain): Promise<Uint8Array> {
  const [made] = await mls.generateKeyPackages(identity, 1, { lastResort: false });
  if (made === undefined) throw new Error('no key package');
  return made.publicBytes;
}
