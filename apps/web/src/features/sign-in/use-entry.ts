import { ChatError, type ChatErrorCode, type FactorMethod, type RelayView } from '@sotto/core/page';
import { useCallback, useState } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { relayKnown } from '../../chat/relay-known.ts';
import { type Attempt, isOver } from '../../components/use-attempt.ts';
import { type FieldName, firstMissing, nameOf, type Typed } from './typed.ts';

/** Where a person stands on the way in. `email`: the code that proves the address of an account to come. */
export type EntryStep =
  | { readonly at: 'card' }
  | { readonly at: 'email' }
  | {
      readonly at: 'factor';
      readonly methods: readonly FactorMethod[];
      readonly passkey: string | undefined;
    }
  | { readonly at: 'recover' };

export interface Entry {
  readonly step: EntryStep;
  /** The card asks for all that a new account wants. */
  readonly creating: boolean;
  readonly wish: 'signIn' | 'register';
  /** Where the focus goes when the card shows this; another object each time. */
  readonly focus: { readonly field: FieldName } | undefined;
  readonly signIn: () => void;
  /** From the card that signs in: makes the account when nothing else is wanted, or asks for what is. */
  readonly create: () => void;
  /** The address was proved: makes the account. */
  readonly finishCreate: (code: string) => Promise<void>;
  readonly leaveCreating: () => void;
  readonly recover: () => void;
  readonly back: () => void;
  /** Back to the card, which says why. */
  readonly over: (error: unknown) => void;
}

/** The steps into an account, and what the verbs are told at each. */
export function useEntry(typed: Typed, attempt: Attempt, invited: boolean): Entry {
  const { chat, invite } = usePage();
  const [step, setStep] = useState<EntryStep>({ at: 'card' });
  const [creating, setCreating] = useState(invited);
  const [wish, setWish] = useState<Entry['wish']>('signIn');
  const [focus, setFocus] = useState<Entry['focus']>();
  const [proved, setProved] = useState('');
  const { username, password, email, shared } = {
    ...typed,
    username: nameOf(typed),
    email: typed.email.trim(),
  };

  const ask = (field: FieldName) => {
    setCreating(true);
    setFocus({ field });
  };
  const refuse = (field: FieldName, code: ChatErrorCode) => {
    ask(field);
    throw new ChatError(code);
  };
  const register = () => chat.register({ username, password, invite, shared });
  /** Everything is typed: proves the address, if there is one, or makes the account. */
  const goOn = async (relay: RelayView | undefined) => {
    if (email === '' && relay?.emailRequired === true) return refuse('email', 'email_required');
    if (relay?.mail !== true || email === '' || email === proved) return register();
    await chat.startEmail({ email, invite });
    setStep({ at: 'email' });
  };
  const create = async () => {
    const relay = await relayKnown(chat);
    refuseStrangers(relay, invite);
    const missing = firstMissing(typed, relay?.mail === true && !creating);
    if (missing !== undefined) return ask(missing);
    const { enough } = await chat.judgePassword({ password, username });
    if (enough) return goOn(relay);
    // The first time the meter, which comes with the card, says it.
    return creating ? refuse('password', 'password_too_weak') : ask('password');
  };
  const back = useCallback(() => {
    setStep({ at: 'card' });
    setFocus({ field: 'password' });
    // Whatever waits for its next step is forgotten; when even that fails there is nothing to forget.
    chat.cancelSignIn({}).catch(() => undefined);
  }, [chat]);
  const over = (error: unknown) => {
    back();
    attempt.fail(error);
  };

  return {
    step,
    creating,
    wish,
    focus,
    signIn() {
      setWish('signIn');
      void attempt.run(async () => {
        const next = await chat.signIn({ username, password, shared });
        if (next.state === 'second_factor')
          setStep({ at: 'factor', methods: next.methods, passkey: next.passkey });
      });
    },
    create() {
      setWish('register');
      void attempt.run(create);
    },
    async finishCreate(code) {
      try {
        await chat.confirmEmail({ code });
      } catch (error) {
        if (!isOver(error)) throw error;
        return over(error);
      }
      setProved(email);
      try {
        await register();
      } catch (error) {
        // The address is proved, so that only what the card says is to be mended; unless the proof was too old.
        if (isOver(error)) setProved('');
        setStep({ at: 'card' });
        setFocus({ field: 'username' });
        attempt.fail(error);
      }
    },
    leaveCreating() {
      attempt.forget();
      setCreating(false);
      setFocus({ field: 'username' });
    },
    recover() {
      attempt.forget();
      setStep({ at: 'recover' });
    },
    back,
    over,
  };
}

/** Told before anything is asked for that would be of no use. */
function refuseStrangers(relay: RelayView | undefined, invite: string | undefined): void {
  if (relay?.registration === 'closed') throw new ChatError('registration_closed');
  if (relay?.registration === 'invite' && invite === undefined) throw new ChatError('invite_invalid');
}
