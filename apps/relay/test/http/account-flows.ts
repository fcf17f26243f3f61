import { createHash } from 'node:crypto';
import type { Refusal, RouteBody } from '@sotto/protocol';
import { closeAccount, resetAccount } from '@sotto/transparency';
import { TOTP } from 'otpauth';
import type { Person } from './person.ts';

/** What people do with their accounts, leg by leg, as a client does it. */

type Proof = RouteBody<'loginVerify'>['proof'];

const bytes = (text: string) => new TextEncoder().encode(text);
const sha256 = (data: Uint8Array) => new Uint8Array(createHash('sha256').update(data).digest());

/** The answer, or a failed test that names the refusal. */
export function expectDone<T extends object>(value: T | Refusal): T {
  if ('ok' in value && value.ok === false) throw new Error(`refused: ${(value as Refusal).code}`);
  return value as T;
}

/** Enters the password again. */
export async function confirm(person: Person, password: string): Promise<Uint8Array | Refusal> {
  const started = await person.provePassword(password, async (request) => {
    return (await person.call('confirm', { body: { request } })).value;
  });
  if ('code' in started) return started;
  const { ticket, finish } = started;
  const { value } = await person.call('confirmFinish', { body: { ticket, finish } });
  return 'confirmation' in value ? value.confirmation : value;
}

export async function confirmed(person: Person, password: string): Promise<Uint8Array> {
  return expectDone(await confirm(person, password)) as Uint8Array;
}

export function makeVault(text: string, after: number, recoveryProof?: Uint8Array) {
  const hash = recoveryProof === undefined ? {} : { recoveryHash: sha256(recoveryProof) };
  return { bytes: bytes(text), after, ...hash };
}

export async function changePassword(person: Person, current: string, next: string, after = 0) {
  const confirmation = await confirmed(person, current);
  const made = await person.makeRecord(next, async (request) => {
    return (await person.call('changePassword', { body: { confirmation, request } })).value;
  });
  if ('code' in made) return made;
  const { ticket, record } = made;
  const body = { ticket, record, vault: makeVault('vault of the new password', after) };
  return { ...(await person.call('changePasswordFinish', { body })), body };
}

/** Registers with an address that was proved. */
export async function proveAddress(person: Person, email: string, readCode: () => string) {
  const started = await person.call('registerEmail', { body: { email, work: await person.solveWork() } });
  const { ticket } = expectDone(started.value);
  const verified = await person.call('registerEmailVerify', { body: { ticket, code: readCode() } });
  return expectDone(verified.value).proof;
}

export async function setEmail(person: Person, password: string, email: string, readCode: () => string) {
  const confirmation = await confirmed(person, password);
  const { ticket } = expectDone((await person.call('setEmail', { body: { confirmation, email } })).value);
  expectDone((await person.call('setEmailVerify', { body: { ticket, code: readCode() } })).value);
}

export async function setMailFactor(person: Person, password: string, on = true) {
  const confirmation = await confirmed(person, password);
  return (await person.call('setMailFactor', { body: { confirmation, on } })).value;
}

/** An authenticator app that was set up: codes by time, and the recovery codes. */
export async function setUpTotp(person: Person, password: string, now: () => number) {
  const confirmation = await confirmed(person, password);
  const { ticket, secret } = expectDone((await person.call('startTotp', { body: { confirmation } })).value);
  const codeAt = (time: number) => TOTP.generate({ secret: readSecret(secret), timestamp: time });
  const finished = await person.call('finishTotp', { body: { ticket, code: codeAt(now()) } });
  const { recoveryCodes } = expectDone(finished.value);
  return { code: (later = 0) => codeAt(now() + later * 1000), recoveryCodes, secret };
}

/** The vault gets a wrap of a recovery key that proves with these bytes. */
export async function setRecoveryKey(person: Person, password: string, proof: Uint8Array, after = 0) {
  const confirmation = await confirmed(person, password);
  const vault = makeVault('vault with a recovery key', after, proof);
  return (await person.call('putVault', { body: { confirmation, vault } })).value;
}

/** The ticket of a sign-in that wants a second factor. */
export async function beginSignIn(person: Person, password: string) {
  const value = await person.logIn(password);
  if (!('state' in value) || value.state !== 'second_factor') throw new Error('expected a second factor');
  return value;
}

export async function forget(person: Person): Promise<Uint8Array> {
  const body = { username: person.username, work: await person.solveWork() };
  const { value } = await person.call('forgotPassword', { body });
  return expectDone(value).ticket as Uint8Array;
}

export async function proveReset(person: Person, ticket: Uint8Array, proof: Proof) {
  return (await person.call('resetPassword', { body: { ticket, proof } })).value;
}

/** The ticket of a reset that is proved. */
export async function provedReset(person: Person, ticket: Uint8Array, proof: Proof): Promise<Uint8Array> {
  const value = expectDone(await proveReset(person, ticket, proof));
  if (value.state !== 'proved') throw new Error('expected the account to be proved');
  return value.ticket;
}

export async function makeResetBody(person: Person, ticket: Uint8Array, password: string, after = 0) {
  const made = await person.makeRecord(password, async (request) => {
    return (await person.call('resetPasswordRecord', { body: { ticket, request } })).value;
  });
  const { record } = expectDone(made);
  return { ticket, record, vault: makeVault('vault after a reset', after), device: person.device };
}

export async function finishReset(person: Person, body: object) {
  const { value } = await person.call('resetPasswordFinish', { body });
  if ('accessToken' in value) person.accessToken = value.accessToken;
  return value;
}

/** A `recovery_reset` that brings a new device of the person. Throws without a chain. */
export function makeReset(
  person: Person,
  identity: Person['identity'],
  device: Person['device'],
  keys: Person['identity'],
) {
  if (person.chain === undefined) throw new Error('no chain yet');
  return resetAccount(person.chain, { identity, device: { id: device, ...keys } }).statement;
}

export async function deleteAccount(person: Person, password: string, statement?: Uint8Array) {
  if (person.chain === undefined) throw new Error('no chain yet');
  const confirmation = await confirmed(person, password);
  const closing = statement ?? closeAccount(person.chain, { identity: person.identity }).statement;
  return (await person.call('deleteAccount', { body: { confirmation, statement: closing } })).value;
}

function readSecret(text: string) {
  return new TOTP({ secret: text }).secret;
}
