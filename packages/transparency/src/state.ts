import { equalBytes } from './bytes.ts';

/** A device of a verified chain. `addedAt`, `revokedAt`: seq of the statement that did it. */
export interface ChainDevice {
  readonly id: Uint8Array;
  readonly key: Uint8Array;
  readonly addedAt: number;
  readonly revokedAt: number | undefined;
}

/**
 * What a verified chain says. Never changed in place: a further statement gives a further state. `devices` keeps revoked
 * ones and `formerIdentityKeys` old keys, because neither may come back. `resets` holds the seq of every `recovery_reset`:
 * one that was not in the state a contact had pinned before **MUST** be shown loudly, since anybody, the relay too, can make one.
 * `closedAt`: seq of `close_account`, and then the head; no device is left and nothing follows.
 */
export interface ChainState {
  readonly account: Uint8Array;
  readonly head: { readonly seq: number; readonly hash: Uint8Array };
  readonly identityKey: Uint8Array;
  readonly formerIdentityKeys: readonly Uint8Array[];
  readonly devices: readonly ChainDevice[];
  readonly resets: readonly number[];
  readonly closedAt: number | undefined;
}

/** The device with this id, revoked or not. */
export function findDevice(state: ChainState, id: Uint8Array): ChainDevice | undefined {
  return state.devices.find((device) => equalBytes(device.id, id));
}

/** Whether the device stands in the chain with exactly this key and is not revoked: the authentication service's question. */
export function isCurrentDevice(state: ChainState, id: Uint8Array, key: Uint8Array): boolean {
  const device = findDevice(state, id);
  return device !== undefined && device.revokedAt === undefined && equalBytes(device.key, key);
}

/** Whether a key was ever an identity or a device key of this chain. */
export function isUsedKey(state: ChainState, key: Uint8Array): boolean {
  return (
    equalBytes(state.identityKey, key) ||
    state.formerIdentityKeys.some((former) => equalBytes(former, key)) ||
    state.devices.some((device) => equalBytes(device.key, key))
  );
}
