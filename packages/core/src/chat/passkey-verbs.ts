import { decodeBase64Url, equalBytes } from '@sotto/protocol';
import type { Confirmed } from '../account/confirm.ts';
import { creationOptions, credentialIn } from '../account/passkey-options.ts';
import { makeWrap, withoutPasskey, withWrap } from '../account/vault-wraps.ts';
import { ChatError, type Verbs } from './chat.ts';
import type { ChatDeps } from './deps.ts';
import type { Engine } from './engine.ts';
import { ask } from './factor-verbs.ts';
import { createPendingStep } from './pending-step.ts';
import { errorOfRefusal } from './refusals.ts';
import type { Runtime } from './runtime.ts';

/** A passkey that is being made. `confirmed`: for its wrap in the vault, since the password is gone by then. */
interface NewPasskey {
  readonly ticket: Uint8Array;
  readonly confirmed: Confirmed;
}

/** Passkeys: second factors, and, where they have the PRF extension, ways to open the vault. */
export function passkeyVerbs(deps: ChatDeps, runtime: Runtime) {
  const { random } = deps;
  const begun = createPendingStep<NewPasskey>();

  /** The vault's wrap for a passkey that the relay knows by now. */
  async function wrapFor(
    { record, vault }: Engine,
    confirmed: Confirmed,
    credential: Uint8Array,
    prf: Uint8Array,
  ): Promise<void> {
    const opener = { kind: 'passkey', credential, prf } as const;
    await vault.change(
      async () => confirmed,
      async ({ vaultKey, wraps }) =>
        withWrap(wraps, await makeWrap(record.account, vaultKey, opener, random)),
    );
  }

  return {
    async startPasskey({ password }) {
      const engine = runtime.engine();
      const { confirmation } = await engine.vault.confirm(password);
      const confirmed = await engine.vault.confirm(password);
      const { ticket, options } = await ask(engine.session, 'startPasskey', { confirmation });
      begun.put(engine, { ticket, confirmed });
      return { options: creationOptions(options, deps.http.origin) };
    },
    /**
     * When the vault cannot take the wrap now, the passkey stays a second factor and the security view says that it opens no vault:
     * what came with it, recovery codes among it, is shown this once and must not be lost for that.
     */
    async finishPasskey({ response, name, prf }) {
      const engine = runtime.engine();
      const { ticket, confirmed } = begun.get(engine);
      const subject = decodeBase64Url(credentialIn(response));
      if (subject === undefined) throw new ChatError('passkey_refused');
      const label = await engine.vault.sealName(subject, name);
      const answer = await engine.session.call('finishPasskey', { body: { ticket, response, label } });
      if (!answer.ok && answer.code === 'bad_request') throw new ChatError('passkey_refused');
      if (!answer.ok) throw errorOfRefusal(answer);
      begun.drop(engine);
      if (prf !== undefined && equalBytes(answer.value.id, subject))
        await wrapFor(engine, confirmed, subject, prf).catch((thrown: unknown) => {
          if (!(thrown instanceof ChatError)) deps.report?.(thrown);
        });
      return { recoveryCodes: answer.value.recoveryCodes };
    },
    /** First it opens the vault no more, then the relay forgets it: cut off in between, it is still shown, and can go again. */
    async removePasskey({ password, id }) {
      const { session, vault } = runtime.engine();
      const credential = decodeBase64Url(id);
      if (credential === undefined) throw new ChatError('not_found');
      const { wraps } = (await vault.read()).vault;
      if (withoutPasskey(wraps, credential).length < wraps.length)
        await vault.change(
          () => vault.confirm(password),
          async (opened) => withoutPasskey(opened.wraps, credential),
        );
      const { confirmation } = await vault.confirm(password);
      await ask(session, 'removePasskey', { confirmation, id: credential });
    },
  } satisfies Partial<Verbs>;
}
