import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHAIN_REASONS } from '../src/reasons.ts';
import { decodeChainState, encodeChainState } from '../src/state-codec.ts';
import { compareToPinned, verifyChain } from '../src/verify.ts';
import { vectors as made } from './vectors/make.ts';

const vectors = JSON.parse(
  readFileSync(new URL('vectors/chains.json', import.meta.url), 'utf8'),
) as typeof made;
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const account = bytes(vectors.account);
const chain = vectors.chain.map(({ statement }) => bytes(statement));

describe('frozen vectors', () => {
  it('[CHAIN27] are what the makers make today', () => {
    expect(made).toEqual(vectors);
  });

  it('[CHAIN27] give the states on record', () => {
    for (const [i, { state }] of vectors.chain.entries()) {
      const result = verifyChain(account, chain.slice(0, i + 1));
      expect(result).toEqual({ ok: true, state: decodeChainState(bytes(state)) });
      expect(result.ok && Buffer.from(encodeChainState(result.state)).toString('hex')).toBe(state);
    }
  });

  it('[CHAIN27] give the refusals on record, every reason among them', () => {
    for (const { reason, at, statements, times = 1, pinned } of vectors.refused) {
      const list = Array<string[]>(times).fill(statements).flat().map(bytes);
      const result = pinned
        ? compareToPinned(decodeChainState(bytes(pinned)), list)
        : verifyChain(account, list);
      expect(result).toEqual({ ok: false, reason, at });
    }
    expect(new Set(vectors.refused.map(({ reason }) => reason))).toEqual(new Set(CHAIN_REASONS));
    expect(chain.map((statement) => statement[73])).toEqual([1, 2, 3, 4, 5, 6]);
  });

  // Cut by hand from the layout in SPEC.md, verified by Node's OpenSSL: nothing of src takes part.
  it('[CHAIN27] are signed and linked as another implementation sees it', () => {
    const key = (raw: Uint8Array) =>
      createPublicKey({
        key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') },
        format: 'jwk',
      });
    const sha256 = (...parts: (string | Uint8Array)[]) =>
      parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
    const label = sha256('sotto-label-v1\0', account);
    const { first, second, third, laptop, phone, tablet } = vectors.keys;
    const signers = [first, first, first, first, third, third];
    const identities = [first, first, first, second, third, third];
    const proofs = [laptop, phone, undefined, second, tablet];
    let prev = Buffer.alloc(32);
    for (const [seq, statement] of chain.entries()) {
      expect(Buffer.from(statement.subarray(1, 33))).toEqual(label);
      expect(Buffer.from(statement.subarray(41, 73))).toEqual(prev);
      const signer = bytes(signers[seq]!.publicKey);
      expect(statement.slice(-98, -66)).toEqual(signer);
      const signed = Buffer.concat([Buffer.from('sotto-statement-v1\0'), statement.slice(0, -66)]);
      expect(verify(null, signed, key(signer), statement.slice(-64))).toBe(true);

      const prover = proofs[seq];
      if (prover) {
        const place = statement.slice(1, 73);
        const identity = bytes(identities[seq]!.publicKey);
        const device = statement.slice(-98 - 66 - 48, -98 - 66);
        const input =
          statement[73] === 4
            ? ['sotto-identity-proof-v1\0', place, identity]
            : ['sotto-device-proof-v1\0', place, identity, device];
        const proved = Buffer.concat(input.map((part) => Buffer.from(part as Uint8Array)));
        expect(verify(null, proved, key(bytes(prover.publicKey)), statement.slice(-98 - 64, -98))).toBe(true);
      }
      prev = sha256(statement);
    }
  });
});
