import { createHash, timingSafeEqual } from 'node:crypto';
import { equalBytes, type FactorMethod, type FactorProof, type Refusal } from '@sotto/protocol';
import type { Clock } from '../clock.ts';
import { refuse } from '../refuse.ts';
import type { AccountRecordStore } from '../store/account-record-store.ts';
import type { Account } from '../store/account-store.ts';
import { changeProofs, type Proofs, readProofs } from './account-proofs.ts';
import type { Codes } from './codes.ts';
import type { Passkeys } from './passkeys.ts';
import { withoutCode } from './recovery-codes.ts';
import type { RelayKeys } from './relay-keys.ts';
import { findTotpStep, openTotpSecret } from './totp.ts';
import type { TotpLimit } from './totp-limit.ts';

/** Whether a proof is right, and that it serves once. Tries of a ticket are counted by the caller. */
export interface SecondFactors {
  /**
   * Undefined: it is right. Else `code_wrong`, or `rate_limited` when it was not looked at. `ticket`: what mail codes and challenges
   * are bound to. `proof` is the word of a caller who proved the account once already.
   */
  verify(
    account: Account,
    proof: FactorProof,
    ticket: { readonly id: Uint8Array; readonly challenge: Uint8Array },
  ): Promise<Refusal | undefined>;
}

export interface SecondFactorsDeps {
  readonly records: AccountRecordStore;
  readonly codes: Codes;
  readonly passkeys: Passkeys;
  readonly keys: RelayKeys;
  readonly totpLimit: TotpLimit;
  readonly clock: Clock;
}

/** The factors that are on. */
export function listFactors(proofs: Proofs): FactorMethod[] {
  const methods: FactorMethod[] = [];
  if (proofs.mailFactor) methods.push('mail');
  if (proofs.totp !== undefined) methods.push('totp');
  if (proofs.passkeys.length > 0) methods.push('passkey');
  return methods;
}

/** What stands in for any of them. */
export function listStandIns(proofs: Proofs, account: Account): FactorMethod[] {
  const methods: FactorMethod[] = [];
  if (proofs.recoveryCodes.length > 0) methods.push('recovery_code');
  if (account.recoveryHash !== undefined) methods.push('recovery_key');
  return methods;
}

/** Those that go with a thing that can be lost: recovery codes are for them. */
export function listLosableFactors(proofs: Proofs): FactorMethod[] {
  return listFactors(proofs).filter((method) => method !== 'mail');
}

/** Recovery codes stand in for a factor: where none is left, they go. */
export function dropUnusedCodes(proofs: Proofs): Proofs {
  return listFactors(proofs).length === 0 ? { ...proofs, recoveryCodes: [] } : proofs;
}

export function isRecoveryKey(account: Account | undefined, proof: Uint8Array): boolean {
  const hash = createHash('sha256').update(proof).digest();
  return account?.recoveryHash !== undefined && timingSafeEqual(hash, account.recoveryHash);
}

export function createSecondFactors(deps: SecondFactorsDeps): SecondFactors {
  const { records, codes, passkeys, keys, totpLimit, clock } = deps;

  const verifyTotp = async ({ account }: Account, code: string): Promise<boolean> => {
    const used = await changeProofs(records, account, (proofs) => {
      if (proofs.totp === undefined) return undefined;
      const { secret, lastStep } = proofs.totp;
      const step = findTotpStep(openTotpSecret(keys, account, secret), code, clock());
      // A step that served, or one before it, serves no more: a code that was watched is worth nothing.
      if (step === undefined || step <= lastStep) return undefined;
      return { ...proofs, totp: { secret, lastStep: step } };
    });
    return used !== undefined;
  };

  const verifyRecoveryCode = async ({ account }: Account, code: string): Promise<boolean> => {
    const used = await changeProofs(records, account, (proofs) => {
      const recoveryCodes = withoutCode(proofs.recoveryCodes, keys, account, code);
      return recoveryCodes === undefined ? undefined : { ...proofs, recoveryCodes };
    });
    return used !== undefined;
  };

  const verifyPasskey = async ({ account }: Account, response: string, challenge: Uint8Array) => {
    const { proofs: before } = await readProofs(records, account);
    const signed = await passkeys.verifyRequest(response, challenge, before.passkeys);
    if (signed === undefined) return false;
    const used = await changeProofs(records, account, (proofs) => {
      const passkey = proofs.passkeys.find(({ id }) => equalBytes(id, signed.id));
      // WebAuthn level 3 §7.2: a counter that does not grow is a copied authenticator's, unless it never counts.
      const counts = signed.counter > 0 || (passkey?.counter ?? 0) > 0;
      if (passkey === undefined || (counts && signed.counter <= passkey.counter)) return undefined;
      const counted = { ...passkey, counter: signed.counter };
      return { ...proofs, passkeys: proofs.passkeys.map((other) => (other === passkey ? counted : other)) };
    });
    return used !== undefined;
  };

  const isRight = async (
    account: Account,
    proof: FactorProof,
    { id, challenge }: Parameters<SecondFactors['verify']>[2],
  ): Promise<boolean> => {
    switch (proof.method) {
      case 'mail':
        return (await isMailFactorOn(records, account)) && codes.check(id, proof.code);
      case 'totp':
        return verifyTotp(account, proof.code);
      case 'recovery_code':
        return verifyRecoveryCode(account, proof.code);
      case 'passkey':
        return verifyPasskey(account, proof.response, challenge);
      case 'recovery_key':
        return isRecoveryKey(account, proof.proof);
    }
  };

  return {
    async verify(account, proof, ticket) {
      const isTotp = proof.method === 'totp';
      const wait = isTotp ? await totpLimit.take(account.account) : undefined;
      if (wait !== undefined) return refuse('rate_limited', wait);
      if (!(await isRight(account, proof, ticket))) return refuse('code_wrong');
      if (isTotp) await totpLimit.takeBack(account.account);
      return undefined;
    },
  };
}

async function isMailFactorOn(records: AccountRecordStore, { account }: Account): Promise<boolean> {
  return (await readProofs(records, account)).proofs.mailFactor;
}
