import type { RestoreWay } from '@sotto/core/page';
import { type FormEvent, useState } from 'react';
import { Checkbox, Label, Radio, RadioGroup } from 'react-aria-components';
import type { FailureText } from '../../chat/failure-texts.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { hasPasskeys } from '../../components/passkey.ts';
import { isWholeKey, RecoveryKeyField } from '../../components/recovery-key-field.tsx';
import { StepHeading } from '../../components/step-heading.tsx';
import type { Restore } from './steps.ts';
import './recover.css';
import '../../components/check.css';

interface IdentityStepProps {
  readonly ways: readonly RestoreWay[];
  readonly passkey: string | undefined;
  readonly failure: FailureText | undefined;
  readonly onChosen: (restore: Restore) => void;
  readonly onBack: () => void;
}

type Way = 'recovery_key' | 'passkey' | 'new_identity';

const WAYS: readonly { readonly way: Way; readonly name: string; readonly note: string }[] = [
  {
    way: 'recovery_key',
    name: 'With my recovery key',
    note: 'You stay who you are: your contacts notice nothing.',
  },
  { way: 'passkey', name: 'With my passkey', note: 'You stay who you are: your contacts notice nothing.' },
  { way: 'new_identity', name: 'Without any of these', note: 'You begin as somebody new to your contacts.' },
];

/** The relay's word: nobody vouches for a vault that was not opened. */
const NOTHING_MADE =
  'This relay shows neither a recovery key nor a passkey that opens it, so it cannot come back here. If you made one, stop here: the relay should have it.';
const NO_PASSKEY_HERE =
  'Your passkey would bring it back, but this browser cannot show one: try again where you made it.';

/** How the identity comes back, or that it does not: told before anything happens. */
export function IdentityStep({ ways, passkey, failure, onChosen, onBack }: IdentityStepProps) {
  const possible = WAYS.filter(
    ({ way }) => ways.includes(way) && (way !== 'passkey' || (passkey !== undefined && hasPasskeys())),
  );
  const [way, setWay] = useState<Way | undefined>(possible.length === 1 ? possible[0]?.way : undefined);
  const [key, setKey] = useState('');
  const [accepted, setAccepted] = useState(false);
  const restore = restoreOf(way, key, accepted);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (restore !== undefined) onChosen(restore);
  };
  return (
    <div className="passage">
      <StepHeading>Your identity</StepHeading>
      <p className="passage-lead">
        A new password opens the account again. Who you are to your contacts is a key of its own, sealed under
        what only you have.
      </p>
      <form className="proof-form" onSubmit={submit} aria-label="Your identity">
        {possible.length === 1 ? (
          <p>{ways.includes('passkey') ? NO_PASSKEY_HERE : NOTHING_MADE}</p>
        ) : (
          <WayChoice possible={possible} way={way} onWay={setWay} />
        )}
        {way === 'recovery_key' ? <RecoveryKeyField value={key} onChange={setKey} /> : null}
        {way === 'new_identity' ? <Loss accepted={accepted} onAccept={setAccepted} /> : null}
        <FailureNote text={failure} />
        <div className="passage-actions">
          <Button look="quiet" onPress={onBack}>
            Back
          </Button>
          <Button
            look={way === 'new_identity' ? 'alarm' : 'strong'}
            type="submit"
            isDisabled={restore === undefined}
          >
            {way === 'new_identity' ? 'Begin with a new identity' : 'Continue'}
          </Button>
        </div>
      </form>
    </div>
  );
}

/** What was chosen, once it is whole. */
export function restoreOf(way: Way | undefined, key: string, accepted: boolean): Restore | undefined {
  if (way === 'recovery_key') return isWholeKey(key) ? { key } : undefined;
  if (way === 'new_identity') return accepted ? 'new_identity' : undefined;
  return way;
}

interface WayChoiceProps {
  readonly possible: typeof WAYS;
  readonly way: Way | undefined;
  readonly onWay: (way: Way) => void;
}

function WayChoice({ possible, way, onWay }: WayChoiceProps) {
  return (
    <RadioGroup className="ways" value={way ?? null} onChange={(value) => onWay(value as Way)}>
      <Label className="ways-label">How does it come back?</Label>
      {possible.map(({ way: value, name, note }) => (
        <Radio key={value} value={value} className="way">
          <span className="way-dot" aria-hidden="true" />
          <span className="way-text">
            <span className="way-name">{name}</span> <span className="hint">{note}</span>
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}

interface LossProps {
  readonly accepted: boolean;
  readonly onAccept: (accepted: boolean) => void;
}

function Loss({ accepted, onAccept }: LossProps) {
  return (
    <section className="passage-loss" aria-label="What is lost">
      <strong>This is what you lose:</strong>
      <ul>
        <li>The messages on your other devices stay unreadable here, for good.</li>
        <li>
          Every contact is warned that you have a new identity, and must compare the safety number with you
          again.
        </li>
        <li>All your other devices are signed out.</li>
      </ul>
      <p>If one of your devices is still signed in, stop here and change the password there instead.</p>
      <Checkbox className="check" isSelected={accepted} onChange={onAccept}>
        <span className="check-box" aria-hidden="true" />I understand that this cannot be undone
      </Checkbox>
    </section>
  );
}
