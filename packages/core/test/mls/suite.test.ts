import fc from 'fast-check';
import { getCiphersuiteFromName } from 'ts-mls/crypto/ciphersuite.js';
import { defaultCryptoProvider } from 'ts-mls/crypto/implementation/default/provider.js';
import { describe, expect, it } from 'vitest';
import { createSuite, DEFAULT_SUITE, INTEROP_SUITE } from '../../src/mls/suite.ts';
import { random, text } from './cast.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const data = fc.uint8Array({ maxLength: 3000 });

describe.each([DEFAULT_SUITE, INTEROP_SUITE] as const)('%s', (name) => {
  const suites = async () => {
    const theirs = await defaultCryptoProvider.getCiphersuiteImpl(getCiphersuiteFromName(name));
    return { ours: await createSuite(name, random), theirs };
  };

  it('[MLS47] hash, MAC and key derivation give what the library’s own WebCrypto provider gives', async () => {
    const { ours, theirs } = await suites();
    await fc.assert(
      fc.asyncProperty(bytes(64), data, fc.nat(200), async (key, content, length) => {
        const salt = key.slice(0, ours.kdf.size);
        expect(await ours.hash.digest(content)).toEqual(await theirs.hash.digest(content));
        const mac = await ours.hash.mac(key, content);
        expect(mac).toEqual(await theirs.hash.mac(key, content));
        expect(await ours.hash.verifyMac(key, mac, content)).toBe(true);
        expect(await ours.hash.verifyMac(key, mac.subarray(1), content)).toBe(false);
        expect(await ours.kdf.extract(salt, content)).toEqual(await theirs.kdf.extract(salt, content));
        const expanded = await ours.kdf.expand(salt, content, length + 1);
        expect(expanded).toEqual(await theirs.kdf.expand(salt, content, length + 1));
      }),
      { numRuns: 40 },
    );
  });

  it('[MLS47] browser and Node derive the same keys, also after a secret was overwritten in place', async () => {
    const suites = await Promise.all([true, false].map((isBrowser) => createSuite(name, random, isBrowser)));
    const [browser, node] = suites.map(({ kdf }) => kdf);
    const secrets = [1, 2, 3].map(() => random(64));
    for (const at of [0, 0, 1, 0, 1, 2, 2, 1, 0]) {
      const [secret, info] = [secrets[at]!, random(70)];
      const derived = await browser!.expand(secret, info, 32);
      expect(derived).toEqual(await node!.expand(secret.slice(), info, 32));
      expect(await node!.expand(secret, info, 32)).toEqual(derived);
      if (info[0]! < 128) secret.set(random(64));
    }
  });

  it('[MLS47] sealing and signing open and verify with the other provider, both ways', async () => {
    const { ours, theirs } = await suites();
    const keys = await ours.signature.keygen();
    const pair = await theirs.hpke.generateKeyPair();
    const publicKey = await theirs.hpke.exportPublicKey(pair.publicKey);
    const privateKey = await theirs.hpke.exportPrivateKey(pair.privateKey);
    expect(await ours.publicKeyOf(privateKey)).toEqual(publicKey);
    await fc.assert(
      fc.asyncProperty(
        bytes(ours.hpke.keyLength),
        bytes(12),
        data,
        data,
        async (key, nonce, aad, content) => {
          const sealed = await ours.hpke.encryptAead(key, nonce, aad, content);
          expect(sealed).toEqual(await theirs.hpke.encryptAead(key, nonce, aad, content));
          expect(await theirs.hpke.decryptAead(key, nonce, aad, sealed)).toEqual(content);
          expect(await ours.hpke.decryptAead(key, nonce, aad, sealed)).toEqual(content);
          const signed = await ours.signature.sign(keys.signKey, content);
          expect(signed).toEqual(await theirs.signature.sign(keys.signKey, content));
          expect(await theirs.signature.verify(keys.publicKey, content, signed)).toBe(true);
          expect(await ours.signature.verify(keys.publicKey, content, signed)).toBe(true);
        },
      ),
      { numRuns: 15 },
    );
    const [info, aad, secret] = [text('info'), text('aad'), text('secret')];
    const mine = await ours.hpke.seal(await ours.hpke.importPublicKey(publicKey), secret, info, aad);
    const opened = await theirs.hpke.open(pair.privateKey, mine.enc, mine.ct, info, aad);
    expect(opened).toEqual(secret);
    const its = await theirs.hpke.seal(pair.publicKey, secret, info, aad);
    const key = await ours.hpke.importPrivateKey(privateKey);
    expect(await ours.hpke.open(key, its.enc, its.ct, info, aad)).toEqual(secret);
    await expect(ours.hpke.open(key, its.enc, its.ct, info, text('other'))).rejects.toThrow();
    const ikm = random(64);
    const [derived, same] = [await ours.hpke.deriveKeyPair(ikm), await theirs.hpke.deriveKeyPair(ikm)];
    expect(await ours.hpke.exportPublicKey(derived.publicKey)).toEqual(
      await theirs.hpke.exportPublicKey(same.publicKey),
    );
  });

  it('[MLS48] a signature by another key, over other bytes, or by no key at all does not verify', async () => {
    const { ours } = await suites();
    const [one, two] = [await ours.signature.keygen(), await ours.signature.keygen()];
    const signed = await ours.signature.sign(one.signKey, text('words'));
    expect(await ours.signature.verify(two.publicKey, text('words'), signed)).toBe(false);
    expect(await ours.signature.verify(one.publicKey, text('word'), signed)).toBe(false);
    expect(await ours.signature.verify(one.publicKey, text('words'), signed.subarray(1))).toBe(false);
    expect(await ours.signature.verify(text('short'), text('words'), signed)).toBe(false);
  });
});
