import type { AccountId, DeviceId } from '@sotto/protocol';
import { BOB, commit, filled, welcomeFor } from '../log-store-contract.ts';

export const CAROL = { account: filled(16, 4) as AccountId, device: filled(16, 5) as DeviceId };

/** Alice's commit in the first epoch of the log, with a Welcome for each of the two. */
export const addBobAndCarol = () => commit(2, 0, { deliveries: [welcomeFor(BOB, 7), welcomeFor(CAROL, 8)] });
