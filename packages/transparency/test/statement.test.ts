import { ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { encodeVector } from '../src/bytes.ts';
import { generateKeyPair } from '../src/keys.ts';
import { statementInput } from '../src/signing.ts';
import { decodeStatement, encodeStatement } from '../src/statement.ts';
import { extendChain } from '../src/verify.ts';
import { chain, life } from './alice.ts';
import { patch, splice, statementOf } from './people.ts';
import { refusals } from './refusals.ts';

const { created, revoked } = life;

describe('a statement', () => {
  it('[CHAIN1] decodes and encodes to the same bytes, for every op', () => {
    expect(chain.map((bytes) => statementOf(bytes).body.op)).toEqual([
      'create',
      'add_device',
      'revoke_device',
      'rotate_identity',
      'recovery_reset',
      'close_account',
    ]);
    for (const bytes of chain) expect(encodeStatement(statementOf(bytes))).toEqual(bytes);
  });

  it('[CHAIN1] has nothing after it', () => {
    for (const bytes of chain) {
      const longer = splice(bytes, bytes.length, 0, 0);
      expect(decodeStatement(longer)).toEqual({ ok: false, reason: 'trailing_bytes' });
    }
  });

  it('[CHAIN2] is malformed when a length is longer than needed', () => {
    expect(decodeStatement(splice(revoked.statement, 74, 1, 0x40, 0x10)).ok).toBe(false);
    expect(decodeStatement(splice(revoked.statement, 74, 1, 0x80, 0, 0, 0x10)).ok).toBe(false);
    expect(decodeStatement(patch(revoked.statement, 74, 0xd0)).ok).toBe(false);
  });

  it('[CHAIN2] writes the lengths of RFC 9420', () => {
    const head = (length: number, bytes: number) => [...encodeVector(new Uint8Array(length)).slice(0, bytes)];
    expect(head(63, 1)).toEqual([63]);
    expect(head(64, 2)).toEqual([0x40, 64]);
    expect(head(15293, 2)).toEqual([0x7b, 0xbd]);
    expect(head(16384, 4)).toEqual([0x80, 0, 0x40, 0]);
  });

  it('[CHAIN5] of an unknown version or op is refused, not skipped', () => {
    expect(decodeStatement(patch(created.statement, 0, 2))).toEqual({ ok: false, reason: 'version_unknown' });
    for (const op of [0, 7, 255]) {
      const result = extendChain(created.state, [patch(chain[1]!, 73, op), ...chain.slice(2)]);
      expect(result).toEqual({ ok: false, reason: 'op_unknown', at: 1 });
    }
  });

  it('is not encoded from fields of the wrong length', () => {
    const statement = statementOf(created.statement);
    expect(() => encodeStatement({ ...statement, signer: new Uint8Array(33) })).toThrow('expected 32 bytes');
    expect(() => generateKeyPair(new Uint8Array(31))).toThrow('expected 32 bytes');
  });

  it('[CHAIN16] brings no key and no signature on which verifiers could disagree', () => {
    const reasonOf = (name: string) => refusals.find((refusal) => refusal.name === name)?.reason;
    expect(reasonOf('rotation to a key of small order')).toBe('key_invalid');
    expect(reasonOf('rotation to a key of mixed order')).toBe('key_invalid');
    expect(reasonOf('rotation to a key not canonical')).toBe('key_invalid');
    for (const [name, zip215] of [
      ['a signature with a small-order part', false],
      ['a signature whose R is not canonical', true],
    ] as const) {
      expect(reasonOf(name)).toBe('bad_signature');
      const { signature, signer, ...rest } = statementOf(
        refusals.find((r) => r.name === name)!.statements[1]!,
      );
      const message = statementInput({ ...rest, signer });
      expect(ed25519.verify(signature, message, signer, { zip215 })).toBe(true); // somebody would take it
    }
  });
});
