import { closeAccount } from '@sotto/transparency';
import { ChatError } from '../chat/chat.ts';
import { errorOfRefusal } from '../chat/refusals.ts';
import type { OwnDevices } from './devices.ts';

const TRIES = 4;

/**
 * Closes the chain and leaves nothing of the account at the relay but its name, its id and that chain. The password again, so
 * that an unlocked screen is not enough. Throws ChatError, and then the account is as it was, unless the answer was lost. The
 * caller wipes the device.
 */
export async function deleteAccount(of: OwnDevices, password: string): Promise<void> {
  const { record, session, vault, pins } = of;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const { confirmation } = await vault.confirm(password);
    await pins.refresh(record.account);
    const chain = await pins.pinned(record.account);
    if (chain === undefined) throw new ChatError('chain_refused');
    // The answer to an earlier try was lost.
    if (chain.closedAt !== undefined) return;
    const identity = await vault.identity();
    const { statement } = closeAccount(chain, { identity });
    identity.privateKey.fill(0);
    const answer = await session.call('deleteAccount', { body: { confirmation, statement } });
    if (answer.ok) return;
    if (answer.code !== 'chain_conflict') throw errorOfRefusal(answer);
  }
  throw new ChatError('offline');
}
