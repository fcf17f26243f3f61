import { describe, expect, it } from 'vitest';
import {
  addDevice,
  closeAccount,
  createChain,
  proveDevice,
  resetAccount,
  revokeDevice,
  rotateIdentity,
} from '../src/make.ts';
import type { ChainState } from '../src/state.ts';
import { findDevice, isCurrentDevice } from '../src/state.ts';
import { compareToPinned, extendChain, verifyChain } from '../src/verify.ts';
import { alice, chain, life, story } from './alice.ts';
import { accountOf, claimOf, deviceOf, forge, keyOf } from './people.ts';

const { account, first, second, third, laptop, phone, tablet } = alice;
const { created, added, revoked, rotated, reset, closed } = life;
const mallory = keyOf('mallory');

/** What Bob answers when the relay shows him one more statement of Alice's. */
function bobSays(state: ChainState, statement: Uint8Array): string {
  const result = extendChain(state, [statement]);
  return result.ok ? 'ok' : result.reason;
}

const currentIds = (state: ChainState): Uint8Array[] =>
  state.devices.filter(({ revokedAt }) => revokedAt === undefined).map(({ id }) => id);

describe('alice begins', () => {
  it('[CHAIN8] with an identity key and a laptop', () => {
    expect(verifyChain(account, chain.slice(0, 1))).toEqual({ ok: true, state: created.state });
    expect(created.state).toMatchObject({ account, identityKey: first.publicKey, resets: [] });
    expect(currentIds(created.state)).toEqual([laptop.id]);
  });

  it('[CHAIN8] once: neither a second create nor a start with anything else counts', () => {
    const device = claimOf(created.state, second, phone);
    const body = { op: 'create', identity: second.publicKey, device } as const;
    expect(bobSays(created.state, forge(created.state, second, body))).toBe('op_misplaced');
    const adds = forge(account, first, { op: 'add_device', device });
    expect(verifyChain(account, [adds])).toEqual({ ok: false, reason: 'op_misplaced', at: 0 });
  });

  it('[CHAIN6] and her chain is nobody else’s', () => {
    const result = verifyChain(accountOf('bob'), chain);
    expect(result).toEqual({ ok: false, reason: 'label_mismatch', at: 0 });
  });
});

describe('alice adds her phone', () => {
  it('[CHAIN9] with the identity key', () => {
    expect(bobSays(created.state, added.statement)).toBe('ok');
    expect(currentIds(added.state)).toEqual([laptop.id, phone.id]);
  });

  it('[CHAIN9] and the relay cannot add a ghost', () => {
    const device = claimOf(created.state, mallory, deviceOf('ghost'));
    expect(bobSays(created.state, forge(created.state, mallory, { op: 'add_device', device }))).toBe(
      'signer_not_allowed',
    );
    const posing = { ...mallory, publicKey: first.publicKey };
    expect(bobSays(created.state, forge(created.state, posing, { op: 'add_device', device }))).toBe(
      'bad_signature',
    );
  });

  it('[CHAIN10] who proved itself; mallory cannot claim alice’s phone for her own account', () => {
    const hers = createChain({
      account: accountOf('mallory'),
      identity: mallory,
      device: deviceOf('mallory'),
    });
    const { proof } = claimOf(created.state, first, phone);
    const device = { id: phone.id, key: phone.publicKey, proof };
    expect(bobSays(hers.state, forge(hers.state, mallory, { op: 'add_device', device }))).toBe('bad_proof');
  });

  it('[CHAIN25] from afar: the phone proves itself, its private key stays there', () => {
    const proof = proveDevice(created.state, first.publicKey, phone);
    const made = addDevice(created.state, { identity: first, device: proof });
    expect(made).toEqual(added);
  });

  it('[CHAIN25] and the proof is worthless once the chain has moved, or under another identity key', () => {
    const late = proveDevice(created.state, first.publicKey, tablet);
    expect(() => addDevice(added.state, { identity: first, device: late })).toThrow(
      expect.objectContaining({ code: 'bad_proof' }),
    );
    const other = proveDevice(created.state, mallory.publicKey, tablet);
    expect(() => addDevice(created.state, { identity: first, device: other })).toThrow(
      expect.objectContaining({ code: 'bad_proof' }),
    );
  });

  it('[CHAIN15] and no id and no key comes back, whoever signs', () => {
    for (const state of [added.state, revoked.state, rotated.state]) {
      const identity = state === rotated.state ? second : first;
      const sameId = { ...tablet, id: phone.id };
      const sameKey = { ...phone, id: tablet.id };
      const add = (device: typeof phone) =>
        forge(state, identity, { op: 'add_device', device: claimOf(state, identity, device) });
      expect(bobSays(state, add(sameId))).toBe('device_reused');
      expect(bobSays(state, add(sameKey))).toBe('key_reused');
    }
  });
});

describe('alice loses her phone', () => {
  it('[CHAIN11] and revokes it', () => {
    expect(bobSays(added.state, revoked.statement)).toBe('ok');
    expect(findDevice(revoked.state, phone.id)).toMatchObject({ addedAt: 1, revokedAt: 2 });
  });

  it('[CHAIN11] or the phone, signed out, revokes itself; even the last device may', () => {
    const { state } = revokeDevice(added.state, { signer: phone, device: phone.id });
    expect(currentIds(state)).toEqual([laptop.id]);
    const none = revokeDevice(state, { signer: laptop, device: laptop.id });
    expect(currentIds(none.state)).toEqual([]);
    const back = addDevice(none.state, { identity: first, device: tablet });
    expect(currentIds(back.state)).toEqual([tablet.id]);
  });

  it('[CHAIN11] once, and only what was there', () => {
    const revoke = (id: Uint8Array) => forge(revoked.state, first, { op: 'revoke_device', device: id });
    expect(bobSays(revoked.state, revoke(phone.id))).toBe('device_already_revoked');
    expect(bobSays(revoked.state, revoke(tablet.id))).toBe('device_unknown');
  });

  it('[CHAIN12] its thief can sign nothing with it but its own end', () => {
    const tries = [
      forge(added.state, phone, { op: 'add_device', device: claimOf(added.state, first, tablet) }),
      forge(added.state, phone, { op: 'revoke_device', device: laptop.id }),
      forge(added.state, phone, {
        op: 'rotate_identity',
        identity: second.publicKey,
        proof: new Uint8Array(64),
      }),
      forge(added.state, phone, {
        op: 'recovery_reset',
        identity: second.publicKey,
        device: claimOf(added.state, second, tablet),
      }),
    ];
    expect(tries.map((statement) => bobSays(added.state, statement))).toEqual(
      Array(4).fill('signer_not_allowed'),
    );
  });

  it('[CHAIN23] bob asks whether a device is current, by id and key', () => {
    expect(isCurrentDevice(revoked.state, laptop.id, laptop.publicKey)).toBe(true);
    expect(isCurrentDevice(revoked.state, phone.id, phone.publicKey)).toBe(false);
    expect(isCurrentDevice(revoked.state, laptop.id, phone.publicKey)).toBe(false);
    expect(isCurrentDevice(revoked.state, laptop.id, new Uint8Array())).toBe(false);
    expect(isCurrentDevice(revoked.state, tablet.id, tablet.publicKey)).toBe(false);
  });
});

describe('alice changes her identity key', () => {
  it('[CHAIN13] the old key signs, the new one proves itself, devices stay', () => {
    expect(bobSays(revoked.state, rotated.statement)).toBe('ok');
    expect(rotated.state.identityKey).toEqual(second.publicKey);
    expect(rotated.state.formerIdentityKeys).toEqual([first.publicKey]);
    expect(currentIds(rotated.state)).toEqual([laptop.id]);
  });

  it('[CHAIN13] the old key signs nothing more', () => {
    const body = { op: 'add_device', device: claimOf(rotated.state, first, tablet) } as const;
    expect(bobSays(rotated.state, forge(rotated.state, first, body))).toBe('signer_not_allowed');
    expect(() => rotateIdentity(rotated.state, { identity: first, newIdentity: third })).toThrow(
      expect.objectContaining({ code: 'signer_not_allowed' }),
    );
  });
});

describe('alice loses everything', () => {
  it('[CHAIN14] and starts again: new key, new device, every earlier one ended', () => {
    expect(bobSays(rotated.state, reset.statement)).toBe('ok');
    expect(currentIds(reset.state)).toEqual([tablet.id]);
    expect(findDevice(reset.state, laptop.id)?.revokedAt).toBe(4);
    expect(findDevice(reset.state, phone.id)?.revokedAt).toBe(2);
    expect(reset.state.resets).toEqual([4]);
  });

  it('[CHAIN14] a second time, and both stay on record', () => {
    const again = resetAccount(reset.state, { identity: keyOf('alice 4'), device: deviceOf('alice desk') });
    const further = addDevice(again.state, { identity: keyOf('alice 4'), device: deviceOf('alice watch') });
    expect(further.state.resets).toEqual([4, 5]);
  });

  it('[CHAIN20] the relay pretends that she did: bob accepts the chain and sees the reset', () => {
    const forged = resetAccount(added.state, { identity: mallory, device: deviceOf('ghost') });
    const shown = compareToPinned(added.state, [...chain.slice(0, 2), forged.statement]);
    expect(shown).toEqual({ ok: true, state: forged.state });
    expect(shown.ok && shown.state.resets.length - added.state.resets.length).toBe(1);
  });
});

describe('alice leaves', () => {
  it('[CHAIN29] with the identity key, and every device ends', () => {
    expect(bobSays(reset.state, closed.statement)).toBe('ok');
    expect(closed.state.closedAt).toBe(5);
    expect(currentIds(closed.state)).toEqual([]);
    expect(findDevice(closed.state, tablet.id)?.revokedAt).toBe(5);
    expect(findDevice(closed.state, phone.id)?.revokedAt).toBe(2);
    expect(isCurrentDevice(closed.state, tablet.id, tablet.publicKey)).toBe(false);
    expect(story.slice(0, -1).map(({ state }) => state.closedAt)).toEqual(Array(5).fill(undefined));
  });

  it('[CHAIN29] which neither the relay, a stolen device nor an earlier key can do for her', () => {
    const close = { op: 'close_account' } as const;
    const signers = [mallory, tablet, second];
    expect(signers.map((signer) => bobSays(reset.state, forge(reset.state, signer, close)))).toEqual(
      Array(3).fill('signer_not_allowed'),
    );
    expect(() => closeAccount(reset.state, { identity: second })).toThrow(
      expect.objectContaining({ code: 'signer_not_allowed' }),
    );
  });

  it('[CHAIN30] for good: nobody brings her back, not by a reset either', () => {
    const ghost = deviceOf('ghost');
    const device = claimOf(closed.state, mallory, ghost);
    const body = { op: 'recovery_reset', identity: mallory.publicKey, device } as const;
    expect(bobSays(closed.state, forge(closed.state, mallory, body))).toBe('chain_closed');
    const code = expect.objectContaining({ code: 'chain_closed' });
    expect(() => resetAccount(closed.state, { identity: mallory, device: ghost })).toThrow(code);
    expect(() => addDevice(closed.state, { identity: third, device: ghost })).toThrow(code);
    expect(() => closeAccount(closed.state, { identity: third })).toThrow(code);
  });

  it('[CHAIN30] and the end cannot be taken back from bob, who has seen it', () => {
    expect(compareToPinned(closed.state, chain)).toEqual({ ok: true, state: closed.state });
    expect(compareToPinned(closed.state, chain.slice(0, -1))).toMatchObject({ reason: 'truncated' });
    const instead = addDevice(reset.state, { identity: third, device: deviceOf('another') });
    expect(compareToPinned(closed.state, [...chain.slice(0, -1), instead.statement])).toMatchObject({
      reason: 'forked',
    });
  });
});

describe('what the maker refuses', () => {
  it('[CHAIN24] is what a verifier would refuse, by the same reason', () => {
    const code = (code: string) => expect.objectContaining({ name: 'ChainError', code });
    expect(() => addDevice(created.state, { identity: mallory, device: phone })).toThrow(
      code('signer_not_allowed'),
    );
    expect(() => addDevice(added.state, { identity: first, device: phone })).toThrow(code('key_reused'));
    expect(() => revokeDevice(added.state, { signer: first, device: tablet.id })).toThrow(
      code('device_unknown'),
    );
    expect(() => createChain({ account, identity: first, device: { ...first, id: laptop.id } })).toThrow(
      code('key_reused'),
    );
    const wrongHalf = { publicKey: first.publicKey, privateKey: second.privateKey };
    expect(() => addDevice(created.state, { identity: wrongHalf, device: phone })).toThrow(
      code('bad_signature'),
    );
  });

  it('[CHAIN22] and what it makes leaves earlier states as they were', () => {
    expect(created.state.devices).toHaveLength(1);
    expect(findDevice(added.state, phone.id)?.revokedAt).toBeUndefined();
    for (const { state } of story) {
      expect([state, state.head, state.devices, state.resets, ...state.devices].every(Object.isFrozen)).toBe(
        true,
      );
    }
  });
});
