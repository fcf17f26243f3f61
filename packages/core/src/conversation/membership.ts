import { equalBytes } from '@sotto/protocol';
import { isCurrentDevice } from '@sotto/transparency';
import type { MlsGroup } from '../mls/door.ts';
import type { ConversationDeps } from './deps.ts';

/** A device that stands in its account's chain and not in the group. */
export interface WantedDevice {
  readonly account: Uint8Array;
  readonly device: Uint8Array;
}

type Pins = Pick<ConversationDeps, 'pins'>;

/** Unrevoked devices of these accounts, as their pinned chains say. */
export async function currentDevices(
  { pins }: Pins,
  accounts: readonly Uint8Array[],
): Promise<(WantedDevice & { readonly key: Uint8Array })[]> {
  const found: (WantedDevice & { readonly key: Uint8Array })[] = [];
  for (const account of accounts) {
    const chain = await pins.pinned(account);
    for (const { id, key, revokedAt } of chain?.devices ?? [])
      if (revokedAt === undefined) found.push({ account, device: id, key });
  }
  return found;
}

/** Devices of the conversation's accounts that the group lacks. */
export async function missingDevices(deps: Pins, group: MlsGroup): Promise<WantedDevice[]> {
  const members = group.members();
  const wanted = await currentDevices(deps, group.settings.accounts);
  return wanted.filter(({ key }) => !members.some((member) => equalBytes(member.signatureKey, key)));
}

/** Leaves of devices that their account's chain revoked. */
export async function revokedLeaves({ pins }: Pins, group: MlsGroup): Promise<number[]> {
  const leaves: number[] = [];
  for (const member of group.members()) {
    const chain = await pins.pinned(member.account);
    if (chain !== undefined && !isCurrentDevice(chain, member.device, member.signatureKey))
      leaves.push(member.leaf);
  }
  return leaves;
}
