import { type FormEvent, type RefObject, useEffect, useRef } from 'react';
import { Checkbox, Input, Label, Text, TextField } from 'react-aria-components';
import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { PasswordField } from '../../components/password-field.tsx';
import type { Attempt } from '../../components/use-attempt.ts';
import { useVerdict } from '../../components/use-verdict.ts';
import { nameOf, type Typed } from './typed.ts';
import type { Entry } from './use-entry.ts';
import '../../components/check.css';

interface AccountCardProps {
  readonly typed: Typed;
  readonly onType: (change: Partial<Typed>) => void;
  readonly entry: Entry;
  readonly attempt: Attempt;
}

/** The same fields for both: to sign in, or, with what that takes besides, for a new account. */
export function AccountCard({ typed, onType, entry, attempt }: AccountCardProps) {
  const { relay } = useSnapshot();
  const { creating } = entry;
  const form = useRef<HTMLFormElement>(null);
  useFocus(form, entry.focus);
  const verdict = useVerdict(typed.password, nameOf(typed), !creating);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (creating) entry.create();
    else entry.signIn();
  };
  // A browser shall not offer to keep what is typed on a computer of others.
  const keep = typed.shared ? 'off' : undefined;
  return (
    <form
      ref={form}
      className="account-form"
      onSubmit={submit}
      aria-label={creating ? 'New account' : 'Account'}
    >
      {creating ? <NewAccountHead /> : null}
      <TextField
        className="field"
        value={typed.username}
        onChange={(username) => onType({ username })}
        isRequired
        validationBehavior="aria"
      >
        <Label>Username</Label>
        <Input
          name="username"
          autoComplete={keep ?? 'username'}
          autoCapitalize="none"
          spellCheck="false"
          maxLength={64}
        />
        {creating ? (
          <Text slot="description" className="hint">
            How others find you. It cannot be changed later.
          </Text>
        ) : null}
      </TextField>
      <PasswordField
        value={typed.password}
        onChange={(password) => onType({ password })}
        autoComplete={keep ?? (creating ? 'new-password' : 'current-password')}
        meter={creating ? { verdict } : undefined}
        hint="It never leaves this browser."
      />
      {creating && relay?.mail === true ? (
        <EmailField value={typed.email} onType={onType} required={relay.emailRequired} />
      ) : null}
      <SharedChoice shared={typed.shared} onType={onType} />
      <FailureNote text={attempt.failure} />
      <CardActions entry={entry} busy={attempt.busy} />
      <p className="progress" role="status">
        {attempt.busy ? PROGRESS[entry.wish] : ''}
      </p>
    </form>
  );
}

const PROGRESS: Record<Entry['wish'], string> = {
  signIn: 'Proving your password without showing it…',
  register: 'Making your keys on this device…',
};

/** Puts the focus where the entry wants it, whenever it says so anew. */
function useFocus(form: RefObject<HTMLFormElement | null>, focus: Entry['focus']): void {
  useEffect(() => {
    if (focus === undefined) return;
    const field =
      form.current?.elements.namedItem(focus.field) ?? form.current?.elements.namedItem('username');
    if (field instanceof HTMLInputElement) field.focus();
  }, [form, focus]);
}

function NewAccountHead() {
  const { invite } = usePage();
  return (
    <header className="new-account-head">
      <h2>{invite === undefined ? 'A new account' : 'You are invited'}</h2>
      {invite === undefined ? null : (
        <p>Somebody who runs this relay gave you a link. Choose a name and a password, and you are in.</p>
      )}
    </header>
  );
}

interface EmailFieldProps {
  readonly value: string;
  readonly required: boolean;
  readonly onType: (change: Partial<Typed>) => void;
}

function EmailField({ value, required, onType }: EmailFieldProps) {
  return (
    <TextField
      className="field"
      type="email"
      value={value}
      onChange={(email) => onType({ email })}
      isRequired={required}
      validationBehavior="aria"
    >
      <Label>{required ? 'E-mail' : 'E-mail (optional)'}</Label>
      <Input name="email" autoComplete="email" autoCapitalize="none" spellCheck="false" maxLength={254} />
      <Text slot="description" className="hint">
        For getting back in when you forget the password, and for news of your account's safety. People you
        write with never see it.
      </Text>
    </TextField>
  );
}

interface SharedChoiceProps {
  readonly shared: boolean;
  readonly onType: (change: Partial<Typed>) => void;
}

function SharedChoice({ shared, onType }: SharedChoiceProps) {
  return (
    <div className="shared-choice">
      <Checkbox
        className="check"
        isSelected={shared}
        onChange={(next) => onType({ shared: next })}
        aria-describedby="shared-note"
      >
        <span className="check-box" aria-hidden="true" />
        This is a shared computer
      </Checkbox>
      <p id="shared-note" className="hint">
        Nothing is kept on it: when you close the tab, what you read here is gone from it.
      </p>
    </div>
  );
}

/** The keys keep a press that swaps the buttons from landing on the one that comes in its place. */
function CardActions({ entry, busy }: { readonly entry: Entry; readonly busy: boolean }) {
  const { relay } = useSnapshot();
  const { invite } = usePage();
  if (entry.creating) {
    return (
      <div className="sign-in-actions">
        <Button key="back" look="quiet" onPress={entry.leaveCreating}>
          Back
        </Button>
        <Button key="create" look="strong" type="submit" isDisabled={busy}>
          Create account
        </Button>
      </div>
    );
  }
  const closed = relay?.registration === 'closed';
  const inviteOnly = relay?.registration === 'invite' && invite === undefined;
  return (
    <>
      <div className="sign-in-actions">
        <Button key="sign in" look="strong" type="submit" isDisabled={busy}>
          Sign in
        </Button>
        {closed || inviteOnly ? null : (
          <Button key="begin" look="quiet" isDisabled={busy} onPress={entry.create}>
            Create account
          </Button>
        )}
      </div>
      <p className="sign-in-aside">
        <Button look="link" onPress={entry.recover}>
          Forgot password?
        </Button>
      </p>
      {closed ? <p className="hint">This relay takes no new accounts.</p> : null}
      {inviteOnly ? (
        <p className="hint">New accounts need an invitation link from whoever runs this relay.</p>
      ) : null}
    </>
  );
}
