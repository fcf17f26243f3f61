import { signBytes } from '../src/keys.ts';
import { addDevice, createChain, revokeDevice } from '../src/make.ts';
import type { ChainReason } from '../src/reasons.ts';
import { statementInput } from '../src/signing.ts';
import type { ChainState } from '../src/state.ts';
import { encodeStatement } from '../src/statement.ts';
import { alice, chain, life } from './alice.ts';
import { signMixed, signUncanonical, unreduce, unusableKeys } from './odd-points.ts';
import { accountOf, claimOf, deviceOf, forge, keyOf, patch, splice, statementOf } from './people.ts';

/** One lie of the relay, and what a client answers. With `pinned`, the list is compared to that state. */
export interface Refusal {
  readonly name: string;
  readonly reason: ChainReason;
  readonly at: number;
  readonly statements: readonly Uint8Array[];
  readonly pinned?: ChainState;
}

const { account, first, second, laptop, phone, tablet } = alice;
const { created, added, revoked, rotated, reset, closed } = life;
const mallory = keyOf('mallory');
const spare = deviceOf('alice spare');

/** `upTo` honest statements of Alice's life, then the lie. */
const after = (upTo: number, lie: Uint8Array): Uint8Array[] => [...chain.slice(0, upTo), lie];
const refused = (
  reason: ChainReason,
  name: string,
  statements: readonly Uint8Array[],
  at?: number,
): Refusal => ({
  name,
  reason,
  at: at ?? statements.length - 1,
  statements,
});

// Offsets in a statement: version 0, label 1, seq 33, prev 41, op 73, length of the body 74.
const last = (bytes: Uint8Array): number => bytes.length - 1;
const SIGNATURE_LENGTH = 66;

const form: Refusal[] = [
  refused('empty', 'no statement', [], 0),
  refused('too_long', '4097 statements', Array<Uint8Array>(4097).fill(new Uint8Array()), 4096),
  refused('too_large', '1025 bytes', after(1, new Uint8Array(1025))),
  refused('malformed', 'no bytes', after(1, new Uint8Array())),
  refused('malformed', 'the last byte cut off', after(1, added.statement.slice(0, -1))),
  refused('malformed', 'a length in two bytes that fits in one', [
    ...chain.slice(0, 2),
    splice(revoked.statement, 74, 1, 0x40, 0x10),
  ]),
  refused('malformed', 'a length with prefix 0b11', after(1, patch(added.statement, 74, 0xc0))),
  refused('malformed', 'a signature of 63 bytes', [
    splice(created.statement, created.statement.length - SIGNATURE_LENGTH, 3, 0x3f),
  ]),
  refused('malformed', 'a seq above 2^53', after(1, patch(added.statement, 33, 0x00, 0x20))),
  refused('version_unknown', 'version 2', after(1, patch(added.statement, 0, 2))),
  refused('op_unknown', 'op 0', after(1, patch(added.statement, 73, 0))),
  refused('op_unknown', 'op 7', after(1, patch(added.statement, 73, 7))),
  refused(
    'trailing_bytes',
    'a byte after the signature',
    after(1, splice(added.statement, last(added.statement) + 1, 0, 0)),
  ),
  refused('trailing_bytes', 'a byte after the body', after(2, splice(revoked.statement, 74, 1, 0x11, 0))),
  refused('trailing_bytes', 'a close with a body', after(1, patch(added.statement, 73, 6))),
];

const bob = createChain({ account: accountOf('bob'), identity: keyOf('bob'), device: deviceOf('bob') });
const addSpare = { op: 'add_device', device: claimOf(created.state, first, spare) } as const;
const place: Refusal[] = [
  refused('label_mismatch', "bob's chain shown as alice's", [bob.statement]),
  refused('seq_gap', 'a statement left out', [chain[0]!, chain[2]!]),
  refused('seq_gap', 'a statement doubled', [chain[0]!, chain[0]!]),
  refused('seq_gap', 'a chain without its beginning', chain.slice(1, 5), 0),
  refused(
    'prev_mismatch',
    'a signed statement upon another history',
    after(1, forge(created.state, first, addSpare, { prev: added.state.head.hash })),
  ),
  refused('prev_mismatch', 'a first statement that names an earlier one', [
    forge(
      account,
      first,
      { op: 'create', identity: first.publicKey, device: addSpare.device },
      { prev: created.state.head.hash },
    ),
  ]),
  refused(
    'op_misplaced',
    'a second create',
    after(
      1,
      forge(created.state, mallory, { op: 'create', identity: mallory.publicKey, device: addSpare.device }),
    ),
  ),
  refused('op_misplaced', 'a reset where create belongs', [
    forge(account, first, { op: 'recovery_reset', identity: first.publicKey, device: addSpare.device }),
  ]),
];

const afterlife = (lie: Uint8Array): Uint8Array[] => [...chain, lie];
const spareOf = (identity: typeof first) => claimOf(closed.state, identity, spare);
const close = { op: 'close_account' } as const;
const ended: Refusal[] = [
  refused(
    'chain_closed',
    'a reset brings back who had left',
    afterlife(
      forge(closed.state, mallory, {
        op: 'recovery_reset',
        identity: mallory.publicKey,
        device: spareOf(mallory),
      }),
    ),
  ),
  refused(
    'chain_closed',
    'a device added after the end',
    afterlife(forge(closed.state, alice.third, { op: 'add_device', device: spareOf(alice.third) })),
  ),
  refused(
    'chain_closed',
    'the identity key rotated after the end',
    afterlife(
      forge(closed.state, alice.third, {
        op: 'rotate_identity',
        identity: mallory.publicKey,
        proof: new Uint8Array(64),
      }),
    ),
  ),
  refused(
    'chain_closed',
    'a device revoked after the end',
    afterlife(forge(closed.state, alice.third, { op: 'revoke_device', device: tablet.id })),
  ),
  refused('chain_closed', 'closed twice', afterlife(forge(closed.state, alice.third, close))),
  refused(
    'chain_closed',
    'created anew after the end',
    afterlife(
      forge(closed.state, mallory, {
        op: 'create',
        identity: mallory.publicKey,
        device: spareOf(mallory),
      }),
    ),
  ),
  {
    ...refused(
      'chain_closed',
      'a pinned end with more behind it',
      afterlife(forge(closed.state, alice.third, close)),
    ),
    pinned: closed.state,
  },
  { ...refused('truncated', 'a pinned end taken back', chain.slice(0, 5), 5), pinned: closed.state },
  refused('op_misplaced', 'a close where create belongs', [forge(account, first, close)]),
  refused('signer_not_allowed', 'closed by a device', after(1, forge(created.state, laptop, close))),
  refused('signer_not_allowed', 'closed by the relay', after(1, forge(created.state, mallory, close))),
  refused('signer_not_allowed', 'closed by the key before', after(4, forge(rotated.state, first, close))),
  refused(
    'bad_signature',
    'closed under the signature of another statement',
    after(1, forge(created.state, first, close, { signature: created.statement.slice(-64) })),
  ),
];

const revoke = (state: ChainState, id: Uint8Array, signer = first): Uint8Array =>
  forge(state, signer, { op: 'revoke_device', device: id });
const byMallory = claimOf(created.state, mallory, deviceOf('mallory'));
const oddlySigned = (sign: (message: Uint8Array, keys: typeof first) => Uint8Array): Uint8Array => {
  const { signature: _, ...unsigned } = statementOf(forge(created.state, first, addSpare));
  return encodeStatement({ ...unsigned, signature: sign(statementInput(unsigned), first) });
};
const authority: Refusal[] = [
  refused('device_unknown', 'revokes a stranger', after(1, revoke(created.state, spare.id))),
  refused('device_already_revoked', 'revokes twice', after(3, revoke(revoked.state, phone.id))),
  refused(
    'device_already_revoked',
    'a revoked device revokes itself',
    after(3, revoke(revoked.state, phone.id, phone)),
  ),
  refused(
    'device_already_revoked',
    'revokes a device that a reset ended',
    after(5, revoke(reset.state, laptop.id, alice.third)),
  ),
  refused(
    'signer_not_allowed',
    'a ghost device, signed by the relay',
    after(1, forge(created.state, mallory, { op: 'add_device', device: byMallory })),
  ),
  refused('signer_not_allowed', 'a device adds a device', after(1, forge(created.state, laptop, addSpare))),
  refused('signer_not_allowed', 'a device revokes another', after(2, revoke(added.state, laptop.id, phone))),
  refused(
    'signer_not_allowed',
    'a device rotates the identity key',
    after(
      1,
      forge(created.state, laptop, {
        op: 'rotate_identity',
        identity: second.publicKey,
        proof: new Uint8Array(64),
      }),
    ),
  ),
  refused(
    'signer_not_allowed',
    'the rotated key signs on',
    after(4, revoke(rotated.state, laptop.id, first)),
  ),
  refused(
    'signer_not_allowed',
    'the key before the reset signs on',
    after(5, revoke(reset.state, tablet.id, second)),
  ),
  refused(
    'signer_not_allowed',
    'a rotation signed by the new key',
    after(
      1,
      forge(created.state, second, {
        op: 'rotate_identity',
        identity: second.publicKey,
        proof: new Uint8Array(64),
      }),
    ),
  ),
  refused('signer_not_allowed', 'a create signed by another key', [
    forge(account, mallory, { op: 'create', identity: first.publicKey, device: addSpare.device }),
  ]),
  refused(
    'signer_not_allowed',
    'a reset signed by the key it replaces',
    after(
      1,
      forge(created.state, first, {
        op: 'recovery_reset',
        identity: second.publicKey,
        device: addSpare.device,
      }),
    ),
  ),
  refused(
    'bad_signature',
    'the signature of another statement',
    after(1, forge(created.state, first, addSpare, { signature: created.statement.slice(-64) })),
  ),
  refused('bad_signature', 'a signature whose R is not canonical', after(1, oddlySigned(signUncanonical))),
  refused('bad_signature', 'a signature with a small-order part', after(1, oddlySigned(signMixed))),
  refused(
    'bad_signature',
    'a signature whose S is not reduced',
    after(
      1,
      oddlySigned((message, keys) => unreduce(signBytes(message, keys.privateKey))),
    ),
  ),
];

const add = (state: ChainState, device: ReturnType<typeof deviceOf>, identity = first): Uint8Array =>
  forge(state, identity, { op: 'add_device', device: claimOf(state, identity, device) });
const rotateTo = (state: ChainState, signer: typeof first, identity: Uint8Array): Uint8Array =>
  forge(state, signer, { op: 'rotate_identity', identity, proof: new Uint8Array(64) });
const novelty: Refusal[] = [
  refused(
    'device_reused',
    'the id of a current device',
    after(1, add(created.state, { ...spare, id: laptop.id })),
  ),
  refused(
    'device_reused',
    'the id of a revoked device',
    after(3, add(revoked.state, { ...spare, id: phone.id })),
  ),
  refused(
    'key_reused',
    'the key of a current device',
    after(1, add(created.state, { ...laptop, id: spare.id })),
  ),
  refused(
    'key_reused',
    'the key of a revoked device',
    after(3, add(revoked.state, { ...phone, id: spare.id })),
  ),
  refused(
    'key_reused',
    'the identity key as a device key',
    after(1, add(created.state, { ...first, id: spare.id })),
  ),
  refused(
    'key_reused',
    'a device key as the identity key',
    after(1, rotateTo(created.state, first, laptop.publicKey)),
  ),
  refused(
    'key_reused',
    'rotation back to the first key',
    after(4, rotateTo(rotated.state, second, first.publicKey)),
  ),
  refused(
    'key_reused',
    'rotation to the same key',
    after(1, rotateTo(created.state, first, first.publicKey)),
  ),
  refused(
    'key_reused',
    'a reset to the current key',
    after(
      1,
      forge(created.state, first, {
        op: 'recovery_reset',
        identity: first.publicKey,
        device: addSpare.device,
      }),
    ),
  ),
  refused('key_reused', 'one key for both roles at the start', [
    forge(account, first, {
      op: 'create',
      identity: first.publicKey,
      device: { ...addSpare.device, key: first.publicKey },
    }),
  ]),
  ...Object.entries(unusableKeys(second.publicKey)).map(([kind, key]) =>
    refused('key_invalid', `rotation to a key ${kind}`, after(1, rotateTo(created.state, first, key))),
  ),
  refused('key_invalid', 'an identity key under which every message is signed', [
    forge(
      account,
      { ...first, publicKey: unusableKeys(second.publicKey)['of small order'] },
      { op: 'create', identity: unusableKeys(second.publicKey)['of small order'], device: addSpare.device },
      { signature: patch(new Uint8Array(64), 0, 1) },
    ),
  ]),
];

const proofs: Refusal[] = [
  refused(
    'bad_proof',
    'a device that did not prove itself',
    after(
      1,
      forge(created.state, first, {
        op: 'add_device',
        device: { ...addSpare.device, proof: new Uint8Array(64) },
      }),
    ),
  ),
  refused('bad_proof', 'a proof made for an earlier place', after(2, forge(added.state, first, addSpare))),
  refused(
    'bad_proof',
    'a proof made for another device id',
    after(
      1,
      forge(created.state, first, { op: 'add_device', device: { ...addSpare.device, id: tablet.id } }),
    ),
  ),
  refused(
    'bad_proof',
    "alice's own device put under the relay's key by a reset",
    after(
      4,
      forge(rotated.state, mallory, {
        op: 'recovery_reset',
        identity: mallory.publicKey,
        device: claimOf(rotated.state, alice.third, tablet),
      }),
    ),
  ),
  refused(
    'bad_proof',
    'an identity key that nobody holds',
    after(3, rotateTo(revoked.state, first, second.publicKey)),
  ),
];

const otherPhone = addDevice(created.state, { identity: first, device: spare });
const otherLife = revokeDevice(otherPhone.state, { signer: first, device: spare.id });
const relaysOwn = createChain({ account, identity: mallory, device: deviceOf('mallory') });
const pins: Refusal[] = [
  { ...refused('truncated', 'fewer statements than pinned', chain.slice(0, 2), 2), pinned: revoked.state },
  { ...refused('truncated', 'nothing at all against a pin', [], 0), pinned: created.state },
  {
    ...refused('forked', 'a second history from seq 1', [created.statement, otherPhone.statement], 1),
    pinned: added.state,
  },
  {
    ...refused(
      'forked',
      'a longer second history',
      [created.statement, otherPhone.statement, otherLife.statement],
      1,
    ),
    pinned: added.state,
  },
  {
    ...refused('forked', 'an account made anew by the relay', [relaysOwn.statement], 0),
    pinned: created.state,
  },
  {
    ...refused(
      'prev_mismatch',
      'another beginning under the same head',
      [relaysOwn.statement, ...chain.slice(1, 3)],
      1,
    ),
    pinned: revoked.state,
  },
  {
    ...refused(
      'too_long',
      '4097 statements against a pin',
      Array<Uint8Array>(4097).fill(new Uint8Array()),
      4096,
    ),
    pinned: added.state,
  },
];

export const refusals: readonly Refusal[] = [
  ...form,
  ...place,
  ...authority,
  ...novelty,
  ...proofs,
  ...pins,
  ...ended,
];
