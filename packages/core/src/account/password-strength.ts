import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import type { PasswordVerdict } from '../chat/account-verbs.ts';
import { ChatError } from '../chat/chat.ts';

/** Characters. OPAQUE leaves no offline guessing to the network, but a stolen relay database still allows it. */
const SHORTEST = 8;
/** From here on a password need not be scored well. */
const LONG = 12;
const GOOD_SCORE = 3;
/** Characters that must be left when the user name is taken away. */
const BESIDE_NAME = 4;
/** Characters that are scored: the time grows faster than the length. */
const SCORED = 64;

/** Judges passwords on this device: nothing leaves it. */
export interface PasswordJudge {
  judge(password: string, username: string): Promise<PasswordVerdict>;
  /** Throws `password_too_weak` for what is not enough. */
  require(password: string, username: string): Promise<void>;
}

interface Lists {
  readonly zxcvbn: ZxcvbnFactory;
  readonly common: ReadonlySet<string>;
}

/** The list of common passwords is larger than all other code of an account: loaded when first needed, then kept. */
export function createPasswordJudge(): PasswordJudge {
  let loading: Promise<Lists> | undefined;

  async function judge(password: string, username: string): Promise<PasswordVerdict> {
    loading ??= loadLists();
    const { zxcvbn, common } = await loading.catch((thrown: unknown) => {
      // A page that lost its network asks again.
      loading = undefined;
      throw new ChatError('offline', { cause: thrown });
    });
    const [length, text, name] = [
      [...password].length,
      password.toLowerCase(),
      username.trim().toLowerCase(),
    ];
    const { score } = zxcvbn.check(password.slice(0, SCORED), name === '' ? [] : [name]);
    const reason = reasonOf({ length, score, common: common.has(text), like: isLike(text, name) });
    return { score, enough: reason === undefined, reason };
  }

  return {
    judge,
    async require(password, username) {
      const { enough, reason } = await judge(password, username);
      if (!enough) throw new ChatError('password_too_weak', { cause: reason });
    },
  };
}

function reasonOf(of: {
  readonly length: number;
  readonly score: number;
  readonly common: boolean;
  readonly like: boolean;
}): PasswordVerdict['reason'] {
  if (of.length < SHORTEST) return 'too_short';
  if (of.common) return 'too_common';
  if (of.like) return 'like_the_name';
  return of.length >= LONG || of.score >= GOOD_SCORE ? undefined : 'too_guessable';
}

/** The name, with next to nothing beside it. */
function isLike(password: string, name: string): boolean {
  return name.length > 2 && password.replaceAll(name, '').length < BESIDE_NAME && password.includes(name);
}

async function loadLists(): Promise<Lists> {
  const [{ ZxcvbnFactory: Factory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  return {
    zxcvbn: new Factory({ dictionary, graphs: adjacencyGraphs }),
    common: new Set(dictionary['passwords-common']),
  };
}
