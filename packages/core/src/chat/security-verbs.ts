import { encodeBase64Url } from '@sotto/protocol';
import { changePassword } from '../account/change-password.ts';
import { secretOf } from '../account/factor-proof.ts';
import { createPasswordProtocol } from '../account/password.ts';
import type { PasswordJudge } from '../account/password-strength.ts';
import { makeRecoverySecret, printRecoveryKey } from '../account/recovery-key.ts';
import { openVault } from '../account/vault.ts';
import { makeWrap, withWrap } from '../account/vault-wraps.ts';
import type { Verbs } from './chat.ts';
import type { ChatDeps } from './deps.ts';
import { factorVerbs } from './factor-verbs.ts';
import { passkeyVerbs } from './passkey-verbs.ts';
import type { Runtime } from './runtime.ts';

type SecurityVerb =
  | 'security'
  | 'changePassword'
  | 'makeRecoveryKey'
  | 'testRecoveryKey'
  | 'changeEmail'
  | 'confirmEmailChange'
  | 'removeEmail'
  | 'setMailFactor'
  | 'startTotp'
  | 'finishTotp'
  | 'removeTotp'
  | 'renewRecoveryCodes'
  | 'startPasskey'
  | 'finishPasskey'
  | 'removePasskey';

/** How the account is secured. Every change takes the password again. */
export function securityVerbs(
  deps: ChatDeps,
  runtime: Runtime,
  judge: PasswordJudge,
): Pick<Verbs, SecurityVerb> {
  return {
    ...vaultVerbs(deps, runtime, judge),
    ...factorVerbs(runtime),
    ...passkeyVerbs(deps, runtime),
  };
}

function vaultVerbs(deps: ChatDeps, runtime: Runtime, judge: PasswordJudge) {
  const { random } = deps;
  return {
    async security() {
      const { vault } = runtime.engine();
      const { about, vault: opened } = await vault.read();
      const opening = new Set(
        opened.wraps.filter(({ kind }) => kind === 'passkey').map(({ id }) => encodeBase64Url(id)),
      );
      const passkeys = about.passkeys.map(async ({ id, label, addedAt }) => {
        const text = encodeBase64Url(id);
        return { id: text, name: await vault.openName(id, label), addedAt, opensVault: opening.has(text) };
      });
      return {
        email: about.email,
        factors: about.factors,
        recoveryCodesLeft: about.recoveryCodesLeft,
        passkeys: await Promise.all(passkeys),
        recoveryKey: opened.wraps.some(({ kind }) => kind === 'recovery_key'),
      };
    },
    async changePassword(input) {
      const { record, session, vault } = runtime.engine();
      await judge.require(input.next, record.username);
      const passwords = await createPasswordProtocol(deps.http.origin);
      await changePassword({ record, session, vault, passwords, store: runtime.store(), random }, input);
    },
    async makeRecoveryKey({ password }) {
      const { record, vault } = runtime.engine();
      const secret = makeRecoverySecret(random);
      const opener = { kind: 'recovery_key', secret } as const;
      await vault.change(
        () => vault.confirm(password),
        async ({ vaultKey, wraps }) =>
          withWrap(wraps, await makeWrap(record.account, vaultKey, opener, random)),
      );
      const key = printRecoveryKey(secret);
      secret.fill(0);
      return { key };
    },
    /** A mistyped key throws `recovery_key_wrong`; one that is merely another key does not open. */
    async testRecoveryKey({ key }) {
      const { record, vault } = runtime.engine();
      const secret = secretOf(key);
      // Read first: whatever the relay gives must be the vault that this device knows.
      const { about } = await vault.read();
      const opened = await openVault(about.vault.bytes, record.account, { kind: 'recovery_key', secret });
      return { opens: opened.ok };
    },
  } satisfies Partial<Verbs>;
}
