import type { RouteBody, RouteName } from '@sotto/protocol';
import { readEmail } from '../account/credentials.ts';
import { readCode } from '../account/factor-proof.ts';
import type { Session } from '../account/session.ts';
import { ChatError, type Verbs } from './chat.ts';
import { createPendingStep } from './pending-step.ts';
import { errorOfRefusal } from './refusals.ts';
import type { Runtime } from './runtime.ts';

/** The address, and the second factors that are codes. */
export function factorVerbs(runtime: Runtime) {
  return { ...mailVerbs(runtime), ...totpVerbs(runtime) };
}

function mailVerbs(runtime: Runtime) {
  const sent = createPendingStep<Uint8Array>();
  return {
    async changeEmail(input) {
      const engine = runtime.engine();
      const email = readEmail(input.email);
      const { confirmation } = await engine.vault.confirm(input.password);
      const { ticket } = await ask(engine.session, 'setEmail', { confirmation, email });
      sent.put(engine, ticket);
    },
    async confirmEmailChange(input) {
      const engine = runtime.engine();
      const body = { ticket: sent.get(engine), code: readCode(input.code) };
      await ask(engine.session, 'setEmailVerify', body);
      sent.drop(engine);
    },
    async removeEmail({ password }) {
      const { session, vault } = runtime.engine();
      const { confirmation } = await vault.confirm(password);
      await ask(session, 'removeEmail', { confirmation });
    },
    async setMailFactor({ password, on }) {
      const { session, vault } = runtime.engine();
      const { confirmation } = await vault.confirm(password);
      await ask(session, 'setMailFactor', { confirmation, on });
    },
  } satisfies Partial<Verbs>;
}

function totpVerbs(runtime: Runtime) {
  const begun = createPendingStep<Uint8Array>();
  return {
    async startTotp({ password }) {
      const engine = runtime.engine();
      const { confirmation } = await engine.vault.confirm(password);
      const { ticket, secret, uri } = await ask(engine.session, 'startTotp', { confirmation });
      // It is shown as a code to scan, and phones follow whatever a code says.
      if (!uri.startsWith('otpauth://totp/')) throw new ChatError('internal', { cause: 'totp_uri' });
      begun.put(engine, ticket);
      return { secret, uri };
    },
    async finishTotp(input) {
      const engine = runtime.engine();
      const body = { ticket: begun.get(engine), code: readCode(input.code) };
      const { recoveryCodes } = await ask(engine.session, 'finishTotp', body);
      begun.drop(engine);
      return { recoveryCodes };
    },
    async removeTotp({ password }) {
      const { session, vault } = runtime.engine();
      const { confirmation } = await vault.confirm(password);
      await ask(session, 'removeTotp', { confirmation });
    },
    async renewRecoveryCodes({ password }) {
      const { session, vault } = runtime.engine();
      const { confirmation } = await vault.confirm(password);
      return await ask(session, 'renewRecoveryCodes', { confirmation });
    },
  } satisfies Partial<Verbs>;
}

/** A route of the account; a refusal is thrown as the error that the verb rejects with. */
export async function ask<N extends RouteName>(session: Session, route: N, body: RouteBody<N>) {
  const answer = await session.call(route, { body });
  if (!answer.ok) throw errorOfRefusal(answer);
  return answer.value;
}
