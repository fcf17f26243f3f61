import { createPasswordJudge } from '../account/password-strength.ts';
import type { Chat, Verbs } from './chat.ts';
import { conversationVerbs } from './conversation-verbs.ts';
import type { ChatDeps } from './deps.ts';
import { deviceVerbs } from './device-verbs.ts';
import { lockVerbs } from './lock-verbs.ts';
import { untold } from './own-changes.ts';
import { personVerbs } from './person-verbs.ts';
import { errorOfThrown } from './refusals.ts';
import { createRuntime } from './runtime.ts';
import { securityVerbs } from './security-verbs.ts';
import { signInVerbs } from './sign-in-verbs.ts';

/** The whole client on these deps. Resolves once the stored state is shown; connecting goes on behind it. */
export async function createChat(deps: ChatDeps): Promise<Chat> {
  const runtime = createRuntime(deps);
  await runtime.start();
  const judge = createPasswordJudge();
  const verbs = guardVerbs({
    ...signInVerbs(deps, runtime, judge),
    ...untold(runtime, securityVerbs(deps, runtime, judge)),
    ...deviceVerbs(runtime),
    ...lockVerbs(deps, runtime, judge),
    ...personVerbs(runtime),
    ...conversationVerbs(deps.link, runtime),
    async reconnect() {
      runtime.running()?.connection.reconnect();
      await runtime.askRelay();
    },
  });
  return {
    ...verbs,
    snapshot: runtime.snapshot,
    subscribe: runtime.subscribe,
    close: runtime.close,
  };
}

/** Verbs reject with ChatError and nothing else. */
function guardVerbs(verbs: Verbs): Verbs {
  const guarded = Object.entries(verbs).map(([name, verb]) => [
    name,
    async (input: never) => {
      try {
        return await (verb as (input: never) => Promise<unknown>)(input);
      } catch (thrown) {
        throw errorOfThrown(thrown);
      }
    },
  ]);
  return Object.fromEntries(guarded) as Verbs;
}
