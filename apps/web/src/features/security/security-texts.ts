import type { SecurityView } from '@sotto/core/page';

/** One thing said about how an account is secured: good as it is, or something to do. */
export interface Verdict {
  readonly good: boolean;
  readonly text: string;
}

/** What happens when the password gets into other hands, and when it is forgotten: in this order. */
export function verdictsOf(security: SecurityView): readonly Verdict[] {
  const codes = codesVerdict(security);
  return [stolenVerdict(security), forgottenVerdict(security), ...(codes === undefined ? [] : [codes])];
}

function stolenVerdict({ factors }: SecurityView): Verdict {
  if (factors.includes('passkey') || factors.includes('totp')) {
    const good = !factors.includes('mail');
    return good
      ? { good, text: 'Whoever learns your password still cannot sign in without your second step.' }
      : {
          good,
          text: 'Whoever learns your password and reads your mail can sign in: code by mail is your weakest second step.',
        };
  }
  if (factors.includes('mail'))
    return {
      good: false,
      text: 'Whoever learns your password still needs your mail to sign in. An authenticator app or a passkey is stronger.',
    };
  return {
    good: false,
    text: 'Whoever learns your password can sign in as you. A second step stops that.',
  };
}

/**
 * A reset needs a proof, by mail or recovery key, and something that opens the vault: the recovery key, a passkey, or a device
 * that is signed in.
 */
function forgottenVerdict({ email, recoveryKey, passkeys }: SecurityView): Verdict {
  if (recoveryKey)
    return { good: true, text: 'If you forget your password, your recovery key brings your account back.' };
  if (email === undefined)
    return {
      good: false,
      text: 'If you forget your password now, nobody can let you in again. Make a recovery key and keep it on paper.',
    };
  if (passkeys.some(({ opensVault }) => opensVault))
    return {
      good: true,
      text: 'If you forget your password, a code by mail and your passkey bring your account back.',
    };
  return {
    good: false,
    text: 'If you forget your password now, only a device where you are still signed in can bring your account back. Make a recovery key and keep it on paper.',
  };
}

const FEW_CODES = 3;

function codesVerdict(security: SecurityView): Verdict | undefined {
  const { recoveryCodesLeft } = security;
  if (!hasSecondStep(security) || recoveryCodesLeft > FEW_CODES) return undefined;
  return { good: false, text: `${codesLeftText(recoveryCodesLeft)} Make new ones before you need them.` };
}

/** Whether a sign-in asks for more than the password. What only stands in for a second step does not count. */
export function hasSecondStep({ factors }: SecurityView): boolean {
  return factors.some((factor) => factor === 'mail' || factor === 'totp' || factor === 'passkey');
}

export function codesLeftText(left: number): string {
  if (left === 0) return 'No recovery codes are left.';
  if (left === 1) return 'One recovery code is left.';
  return `${left} recovery codes are left.`;
}

/** The second steps in a few words, for a row. */
export function factorsText({ factors, passkeys }: SecurityView): string {
  const said = [
    factors.includes('totp') ? 'App' : '',
    factors.includes('passkey') ? passkeysText(passkeys.length) : '',
    factors.includes('mail') ? 'Mail' : '',
  ].filter((text) => text !== '');
  return said.length === 0 ? 'Off' : said.join(', ');
}

function passkeysText(count: number): string {
  return count === 1 ? 'Passkey' : `${count} passkeys`;
}
