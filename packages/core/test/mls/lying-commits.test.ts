import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { advanceEpoch } from '../../src/mls/advance.ts';
import { type MlsContext, readEpoch } from '../../src/mls/context.ts';
import { decodeMessage } from '../../src/mls/framing.ts';
import { openContent } from '../../src/mls/private-message.ts';
import { dropForeignKeys } from '../../src/mls/private-path.ts';
import { applyCommit } from '../../src/mls/process-commit.ts';
import { aliceAndBob, createCrowd, ok, random } from './cast.ts';
import { commitWith, context, stateOf, suite } from './hostile.ts';

describe('paths that lie', () => {
  it('[MLS40] a commit whose path keys are not those of its path secrets is malformed', async () => {
    const { alice, a, b } = await aliceAndBob();
    let calls = 0;
    const deriveKeyPair: typeof suite.hpke.deriveKeyPair = async (ikm) => {
      calls += 1; // the first pair is the leaf's
      const { publicKey } = await suite.hpke.generateKeyPair();
      const pair = await suite.hpke.deriveKeyPair(ikm);
      return calls === 2 ? { ...pair, publicKey } : pair;
    };
    const liar = { ...suite, hpke: { ...suite.hpke, deriveKeyPair } };
    const body = await commitWith(stateOf(alice.identity, a), [], false, liar);
    expect(await b.processCommit(body)).toEqual({ ok: false, reason: 'malformed' });
  });

  it('[MLS51] a path has one ciphertext for every node that is to read it, no more and no less', async () => {
    const { bob, a, b } = await aliceAndBob();
    const made = ok(await a.makeCommit({ add: [], remove: [] }));
    const mls = stateOf(bob.identity, b);
    const message = decodeMessage(made.body, made.body.length);
    if (message?.wireformat !== 'mls_private_message') throw new Error('no commit');
    const opened = await openContent(context, readEpoch(context, mls, []), message.privateMessage);
    if (typeof opened === 'string' || opened.content.contentType !== 'commit') throw new Error('no commit');
    const { sender, framed, content } = opened;
    const { commit } = content;
    const advance = (times: number) => {
      const nodes = commit.path?.nodes.map((node) => ({
        ...node,
        encryptedPathSecret: Array.from({ length: times }, () => node.encryptedPathSecret).flat(),
      }));
      const path = commit.path && { ...commit.path, nodes: nodes ?? [] };
      return advanceEpoch(context, mls, { sender: sender.leaf, commit: { ...commit, path }, framed });
    };
    expect(await advance(0)).toBe('malformed');
    expect(await advance(2)).toBe('malformed');
    expect(await advance(1)).toMatchObject({ groupContext: { epoch: 2n } });
  });
});

describe('keys that nobody needs', () => {
  it('[MLS52] private keys of nodes that went blank, or whose key came before we did, are dropped', async () => {
    const crowd = await createCrowd();
    await crowd.grow(0, 0);
    await crowd.grow(1, 1);
    await crowd.commit(3, [], []);
    const [first] = crowd.devices;
    if (first === undefined) throw new Error('nobody');
    const { ratchetTree, privatePath } = stateOf(first.device.identity, first.group);
    const blank = ratchetTree.map((node, index) => (index === 1 ? undefined : node));
    const keys = { ...privatePath.privateKeys, 1: random(32), 5: random(32) };
    expect(Object.keys(dropForeignKeys(blank, { ...privatePath, privateKeys: keys }).privateKeys)).toEqual([
      '0',
      '3',
    ]);
    const root = ratchetTree[3];
    if (root?.nodeType !== 'parent') throw new Error('no root');
    const unmerged = { ...root, parent: { ...root.parent, unmergedLeaves: [0] } };
    const later = ratchetTree.map((node, index) => (index === 3 ? unmerged : node));
    expect(Object.keys(dropForeignKeys(later, privatePath).privateKeys)).not.toContain('3');
  });
});

describe('verifiers that would disagree', () => {
  it('[MLS50] a commit signed so that only some verifiers take it is refused by those too', async () => {
    const { alice, bob, a, b } = await aliceAndBob();
    const lenient: MlsContext = {
      ...context,
      suite: { ...suite, signature: { ...suite.signature, verify: withCofactor } },
    };
    const state = readEpoch(lenient, stateOf(bob.identity, b), []);
    // A commit is signed twice: its new leaf first, then its frame.
    for (const twisted of [0, 1, 2]) {
      let signings = 0;
      const sign = async (seed: Uint8Array, content: Uint8Array) => {
        signings += 1;
        return signings === twisted ? twistedSign(seed, content) : suite.signature.sign(seed, content);
      };
      const expected = twisted === 0 ? { ok: true } : { ok: false, reason: 'bad_signature' };
      const signer = { ...suite, signature: { ...suite.signature, sign } };
      const body = await commitWith(stateOf(alice.identity, a), [], false, signer);
      const message = decodeMessage(body, body.length);
      if (message === undefined) throw new Error('no commit');
      expect(await applyCommit(lenient, state, message)).toMatchObject(expected);
    }
  });
});

async function withCofactor(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return ed25519.verify(signature, message, publicKey, { zip215: true });
}

/** RFC 8032 signing, with a point of order 8 added to R. */
function twistedSign(seed: Uint8Array, message: Uint8Array): Uint8Array {
  const { Point } = ed25519;
  const order = Point.Fn.ORDER;
  const { scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(seed);
  const nonce = (littleEndian(random(64)) % (order - 1n)) + 1n;
  const torsion = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');
  const pointR = Point.BASE.multiply(nonce).add(torsion).toBytes();
  const challenge = littleEndian(sha512(Buffer.concat([pointR, pointBytes, message]))) % order;
  let proof = (nonce + challenge * scalar) % order;
  const out = new Uint8Array(64);
  out.set(pointR);
  for (let index = 32; index < 64; index += 1) {
    out[index] = Number(proof & 0xffn);
    proof >>= 8n;
  }
  return out;
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
