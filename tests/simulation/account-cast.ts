import { decodeHex } from '@sotto/protocol';
import { createMailbox, type InProcessRelayOptions, type Mailbox } from '@sotto/relay/testing';
import { type ChainState, verifyChain } from '@sotto/transparency';
import { createAuthenticator, totpCode } from './authenticator.ts';
import { accountOf, createWorld, type Device, PASSWORD, register, type World } from './harness.ts';

/** A relay that sends mail, and who looks into the mailboxes. */
export interface MailWorld {
  readonly world: World;
  readonly mailbox: Mailbox;
}

export async function createMailWorld(options: InProcessRelayOptions = {}): Promise<MailWorld> {
  const mailbox = createMailbox();
  return { world: await createWorld({ mailer: mailbox, ...options }), mailbox };
}

export const addressOf = (username: string) => `${username}@example.org`;
export const NEW_PASSWORD = 'staple forty lanterns';

/** An account with an address, on a device that is ready. */
export async function registerWithEmail({ world, mailbox }: MailWorld, device: Device): Promise<void> {
  const chat = await device.start();
  const email = addressOf(device.name);
  await chat.startEmail({ email });
  await chat.confirmEmail({ code: mailbox.codeFor(email) });
  await chat.register({ username: device.name, password: PASSWORD });
  await isReady(world, device);
}

export async function isReady(world: World, device: Device): Promise<void> {
  await world.until(`${device.name} is ready`, () => {
    const { session } = device.chat().snapshot();
    return session.state === 'signed_in' && session.ready;
  });
}

/** An authenticator app for the account; the codes it shows serve once each, so time passes for every one. */
export async function addTotp(world: World, device: Device) {
  const { secret } = await device.chat().startTotp({ password: PASSWORD });
  const code = async () => {
    await world.clock.advance(31_000);
    return totpCode(secret, world.clock.now());
  };
  const { recoveryCodes } = await device.chat().finishTotp({ code: await code() });
  return { code, recoveryCodes };
}

export async function addPasskey(world: World, device: Device, name = 'Phone') {
  const passkey = createAuthenticator(world.relay.origin);
  const { options } = await device.chat().startPasskey({ password: PASSWORD });
  const { recoveryCodes } = await device.chat().finishPasskey({ ...passkey.create(options), name });
  return { passkey, recoveryCodes };
}

/** Registered, ready, and with a recovery key. */
export async function registerWithKey(world: World, device: Device): Promise<string> {
  await register(world, device);
  return (await device.chat().makeRecoveryKey({ password: PASSWORD })).key;
}

/** The account's chain as the relay shows it to this device, verified. */
export async function chainOf(device: Device): Promise<ChainState> {
  let statements: readonly Uint8Array[] = [];
  device.answer((route, _input, answer) => {
    const { ok, value } = answer as { ok: boolean; value: { statements: readonly Uint8Array[] } };
    if (route === 'chain' && ok) statements = value.statements;
    return answer;
  });
  await device.chat().devices({});
  device.answer((_route, _input, answer) => answer);
  const verified = verifyChain(decodeHex(accountOf(device)) ?? new Uint8Array(), statements);
  if (!verified.ok) throw new Error(verified.reason);
  return verified.state;
}

/** How many devices of the account are not revoked. */
export async function devicesOf(device: Device): Promise<number> {
  return (await chainOf(device)).devices.filter(({ revokedAt }) => revokedAt === undefined).length;
}
