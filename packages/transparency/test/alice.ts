import {
  addDevice,
  closeAccount,
  createChain,
  resetAccount,
  revokeDevice,
  rotateIdentity,
} from '../src/make.ts';
import { accountOf, deviceOf, keyOf } from './people.ts';

/** Alice's life: laptop, phone, phone lost, new identity key, everything lost, tablet, farewell. Every op once. */
export const alice = {
  account: accountOf('alice'),
  first: keyOf('alice 1'),
  second: keyOf('alice 2'),
  third: keyOf('alice 3'),
  laptop: deviceOf('alice laptop'),
  phone: deviceOf('alice phone'),
  tablet: deviceOf('alice tablet'),
};

const { account, first, second, third, laptop, phone, tablet } = alice;
const created = createChain({ account, identity: first, device: laptop });
const added = addDevice(created.state, { identity: first, device: phone });
const revoked = revokeDevice(added.state, { signer: first, device: phone.id });
const rotated = rotateIdentity(revoked.state, { identity: first, newIdentity: second });
const reset = resetAccount(rotated.state, { identity: third, device: tablet });
const closed = closeAccount(reset.state, { identity: third });

export const life = { created, added, revoked, rotated, reset, closed };
export const story = Object.values(life);
export const chain = story.map(({ statement }) => statement);
