import { encodeHex } from '@sotto/protocol';
import { findDevice, revokeDevice } from '@sotto/transparency';
import type { ChainPins } from '../contacts/chain-pins.ts';
import type { AccountRecord } from './account-record.ts';
import type { Session } from './session.ts';

/**
 * Revokes this device by its own key and ends the session, as far as the relay can be reached: signing out must also
 * work without it. The caller wipes the device whatever happens here.
 */
export async function leaveAccount(of: {
  readonly record: AccountRecord;
  readonly session: Session;
  readonly pins: ChainPins;
}): Promise<void> {
  const { record, session, pins } = of;
  const params = { account: encodeHex(record.account) };
  for (let attempt = 0; attempt < 3; attempt++) {
    const chain = await pins.pinned(record.account);
    const own = chain === undefined ? undefined : findDevice(chain, record.device);
    if (chain === undefined || own === undefined || own.revokedAt !== undefined) break;
    const signer = { publicKey: record.publicKey, privateKey: record.privateKey };
    const { statement } = revokeDevice(chain, { signer, device: record.device });
    const answer = await session.call('appendStatement', { params, body: { statement } });
    if (answer.ok || answer.code !== 'chain_conflict') break;
    await pins.refresh(record.account);
  }
  await session.call('logout', { body: {} });
}
