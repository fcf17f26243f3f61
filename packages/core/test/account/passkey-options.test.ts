import { describe, expect, it } from 'vitest';
import { creationOptions, requestOptions } from '../../src/account/passkey-options.ts';
import { PRF_SALT } from '../../src/chat/account-verbs.ts';

const ORIGIN = 'https://chat.example.org';
const PRF = { prf: { eval: { first: PRF_SALT } } };
const asked = {
  rpId: 'chat.example.org',
  challenge: 'AAAA',
  timeout: 300_000,
  allowCredentials: [{ id: 'BBBB', type: 'public-key', transports: ['internal'] }],
  userVerification: 'required',
};
const made = {
  rp: { id: 'chat.example.org', name: 'Sotto' },
  user: { id: 'CCCC', name: 'alice', displayName: '' },
  challenge: 'AAAA',
  pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
  timeout: 300_000,
  excludeCredentials: [],
  authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
  attestation: 'none',
};
const request = (options: object) => JSON.parse(requestOptions(JSON.stringify(options), ORIGIN));
const creation = (options: object) => JSON.parse(creationOptions(JSON.stringify(options), ORIGIN));

describe('what the relay asks of a passkey', () => {
  it('[ACC60] is asked with our salt, and nothing else of it changes', () => {
    expect(request(asked)).toEqual({ ...asked, extensions: PRF });
    expect(creation(made)).toEqual({ ...made, extensions: PRF });
    expect(request({ challenge: 'AAAA' })).toMatchObject({ rpId: 'chat.example.org' });
  });

  it('[ACC60] for another site it is not asked at all', () => {
    for (const rpId of ['example.org', 'bank.example.org', '']) {
      expect(() => request({ ...asked, rpId })).toThrow('passkey_refused');
      expect(() => creation({ ...made, rp: { ...made.rp, id: rpId } })).toThrow('passkey_refused');
    }
    for (const bent of [{}, [], { challenge: 7 }, { ...asked, allowCredentials: 'all' }])
      expect(() => request(bent)).toThrow('passkey_refused');
  });

  it('[ACC60] it chooses no salt and no other extension, lets nobody by unverified, and sees no make of authenticator', () => {
    const extensions = {
      prf: { eval: { first: 'other' }, evalByCredential: { BBBB: { first: 'other' } } },
      largeBlob: { read: true },
      appid: 'https://example.org',
    };
    const lax = { userVerification: 'discouraged' };
    expect(request({ ...asked, extensions, ...lax, hints: ['hybrid'] })).toEqual({
      ...asked,
      extensions: PRF,
    });
    expect(
      creation({ ...made, extensions, attestation: 'direct', authenticatorSelection: lax }),
    ).toMatchObject({
      extensions: PRF,
      attestation: 'none',
      authenticatorSelection: { userVerification: 'required' },
    });
  });
});
