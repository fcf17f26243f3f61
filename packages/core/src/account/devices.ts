import { decodeHex, encodeHex, equalBytes, type RouteResponse } from '@sotto/protocol';
import { type ChainState, findDevice, revokeDevice } from '@sotto/transparency';
import type { DevicesView, DeviceView } from '../chat/account-verbs.ts';
import { ChatError } from '../chat/chat.ts';
import { errorOfRefusal } from '../chat/refusals.ts';
import type { ChainPins } from '../contacts/chain-pins.ts';
import type { AccountRecord } from './account-record.ts';
import type { OwnVault } from './own-vault.ts';
import type { Session } from './session.ts';

/** What works on the own account's devices needs of the engine. */
export interface OwnDevices {
  readonly record: AccountRecord;
  readonly session: Session;
  readonly vault: OwnVault;
  readonly pins: ChainPins;
}

type Sessions = RouteResponse<'sessions'>;

const TRIES = 4;

/**
 * The devices of the chain that are not revoked, and those that the relay has a session for without: who signed in and stays
 * out of the chain is the one to look for. This device first, then by when they were last heard of.
 */
export async function listDevices(of: OwnDevices): Promise<DevicesView> {
  const { record, session, pins } = of;
  const answer = await session.call('sessions', {});
  if (!answer.ok) throw errorOfRefusal(answer);
  await pins.refresh(record.account);
  const chain = await pins.pinned(record.account);
  const { signIns, sessions } = answer.value;
  const ids = new Map<string, Uint8Array>();
  for (const id of currentDevices(chain)) ids.set(encodeHex(id), id);
  for (const { device } of sessions) ids.set(encodeHex(device), device);
  const devices = await Promise.all([...ids.values()].map((id) => viewOf(of, answer.value, id)));
  return {
    devices: devices.sort(byNearness),
    signIns: signIns.map(({ time, device, method }) => ({ time, device: encodeHex(device), method })),
  };
}

function currentDevices(chain: ChainState | undefined): Uint8Array[] {
  const devices = chain?.devices ?? [];
  return devices.filter(({ revokedAt }) => revokedAt === undefined).map(({ id }) => id);
}

async function viewOf(
  { record, vault }: OwnDevices,
  told: Sessions,
  device: Uint8Array,
): Promise<DeviceView> {
  const label = told.labels.findLast((one) => equalBytes(one.device, device))?.label;
  const open = told.sessions.findLast((one) => equalBytes(one.device, device));
  const name = await vault.openName(device, label);
  return {
    device: encodeHex(device),
    name: name === '' ? undefined : name,
    current: equalBytes(device, record.device),
    session:
      open === undefined
        ? undefined
        : {
            id: encodeHex(open.id),
            shared: open.shared,
            openedAt: open.openedAt,
            renewedAt: open.renewedAt,
          },
  };
}

function byNearness(a: DeviceView, b: DeviceView): number {
  if (a.current !== b.current) return a.current ? -1 : 1;
  return (b.session?.renewedAt ?? 0) - (a.session?.renewedAt ?? 0);
}

/** Names this device, for the account's own devices alone. */
export async function nameDevice({ record, session, vault }: OwnDevices, name: string): Promise<void> {
  const label = await vault.sealName(record.device, name);
  const answer = await session.call('setLabel', { body: { label } });
  if (!answer.ok) throw errorOfRefusal(answer);
}

/** Ends one session, in hexadecimal, or all but this device's. */
export async function endSessions({ session }: OwnDevices, id: string | undefined): Promise<void> {
  const wanted = id === undefined ? undefined : decodeHex(id);
  if (id !== undefined && wanted?.length !== 16) throw new ChatError('not_found');
  const answer = await session.call('endSessions', { body: { session: wanted } });
  if (!answer.ok) throw errorOfRefusal(answer);
}

/**
 * Revokes another device by the identity key, which ends its session, too. One that never stood in the chain has a session
 * only. Throws `not_found` for one that is gone, `blocked` for this device: leaving is `signOut`.
 */
export async function removeDevice(of: OwnDevices, hex: string): Promise<void> {
  const device = decodeHex(hex);
  if (device?.length !== 16) throw new ChatError('not_found');
  if (equalBytes(device, of.record.device)) throw new ChatError('blocked');
  for (let attempt = 0; attempt < TRIES; attempt++) if (await tryRevoke(of, device)) return;
  throw new ChatError('offline');
}

/** False when another statement came first. */
async function tryRevoke(of: OwnDevices, device: Uint8Array): Promise<boolean> {
  const { record, session, vault, pins } = of;
  await pins.refresh(record.account);
  const chain = await pins.pinned(record.account);
  const known = chain === undefined ? undefined : findDevice(chain, device);
  if (chain === undefined || known === undefined) {
    await endSessionOf(of, device);
    return true;
  }
  if (known.revokedAt !== undefined) throw new ChatError('not_found');
  const signer = await vault.identity();
  const { statement } = revokeDevice(chain, { signer, device });
  signer.privateKey.fill(0);
  const params = { account: encodeHex(record.account) };
  const answer = await session.call('appendStatement', { params, body: { statement } });
  if (!answer.ok && answer.code === 'chain_conflict') return false;
  if (!answer.ok) throw errorOfRefusal(answer);
  await pins.refresh(record.account);
  return true;
}

async function endSessionOf(of: OwnDevices, device: Uint8Array): Promise<void> {
  const answer = await of.session.call('sessions', {});
  if (!answer.ok) throw errorOfRefusal(answer);
  const open = answer.value.sessions.filter((one) => equalBytes(one.device, device));
  if (open.length === 0) throw new ChatError('not_found');
  for (const { id } of open) await endSessions(of, encodeHex(id));
}
