// Opens a Welcome step by step with the bare library, so that a test can lie about one step.
import type { CiphersuiteImpl, Welcome } from 'ts-mls';
import { decryptWithLabel } from 'ts-mls/crypto/hpke.js';
import { extractWelcomeSecret, ratchetTreeFromExtension } from 'ts-mls/groupInfo.js';
import { decodeGroupSecrets } from 'ts-mls/groupSecrets.js';
import { decryptGroupInfo } from 'ts-mls/welcome.js';
import type { DeviceIdentity, OwnKeyPackage } from '../../src/mls/door.ts';
import { decodeKeyPackageMessage, decodePrivate } from '../../src/mls/key-package.ts';

export async function openWelcomeOf(
  suite: CiphersuiteImpl,
  welcome: Welcome,
  own: OwnKeyPackage,
  identity: DeviceIdentity,
) {
  const keyPackage = decodeKeyPackageMessage(own.publicBytes);
  const [sealed] = welcome.secrets;
  if (keyPackage === undefined || sealed === undefined) throw new Error('not ours');
  const { initPrivateKey } = decodePrivate(own.privateBytes, identity);
  const key = await suite.hpke.importPrivateKey(initPrivateKey);
  const { kemOutput, ciphertext } = sealed.encryptedGroupSecrets;
  const info = welcome.encryptedGroupInfo;
  const bytes = await decryptWithLabel(key, 'Welcome', info, kemOutput, ciphertext, suite.hpke);
  const secrets = decodeGroupSecrets(bytes, 0)?.[0];
  if (secrets === undefined) throw new Error('no secrets');
  const zeroes = new Uint8Array(suite.kdf.size);
  const groupInfo = await decryptGroupInfo(welcome, secrets.joinerSecret, zeroes, suite);
  const tree = groupInfo && ratchetTreeFromExtension(groupInfo);
  if (groupInfo === undefined || tree === undefined) throw new Error('no group info');
  const welcomeSecret = await extractWelcomeSecret(secrets.joinerSecret, zeroes, suite.kdf);
  return { keyPackage, secrets, groupInfo, tree, welcomeSecret };
}
