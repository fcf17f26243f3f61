import { useState, useSyncExternalStore } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import type { Theme } from '../../chat/theme.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { Sheet } from '../../components/sheet.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import { WhatTheRelaySees } from './what-the-relay-sees.tsx';
import './account.css';

interface AccountSheetProps {
  readonly username: string;
  readonly device: string;
  readonly onClose: () => void;
}

/** Who is signed in, how the page looks, what the relay sees, and the way out. */
export function AccountSheet({ username, device, onClose }: AccountSheetProps) {
  const { storagePersisted } = useSnapshot();
  const [leaving, setLeaving] = useState(false);
  if (leaving) return <SignOutSheet onClose={() => setLeaving(false)} />;
  return (
    <Sheet title={username} onClose={onClose}>
      <div className="account">
        <p className="account-device">
          This device <code>{device.slice(0, 8)}</code>
        </p>
        <ThemeField />
        <section>
          <h3>Kept on this device</h3>
          <p>
            {storagePersisted
              ? 'Your messages and keys are kept here, sealed, until you sign out.'
              : 'Your messages and keys are kept here, sealed. The browser has not promised to keep them when space runs low; installing Sotto as an app helps.'}
          </p>
        </section>
        <section>
          <h3>What the relay sees</h3>
          <WhatTheRelaySees />
        </section>
        <Button look="quiet" onPress={() => setLeaving(true)}>
          Sign out…
        </Button>
      </div>
    </Sheet>
  );
}

const THEMES: readonly { readonly value: Theme; readonly text: string }[] = [
  { value: 'system', text: 'As the device' },
  { value: 'light', text: 'Light' },
  { value: 'dark', text: 'Dark' },
];

function ThemeField() {
  const { theme } = usePage();
  const chosen = useSyncExternalStore(theme.subscribe, theme.read);
  return (
    <RadioGroup className="theme-field" value={chosen} onChange={(value) => theme.choose(value as Theme)}>
      <Label>Theme</Label>
      <div className="theme-choices">
        {THEMES.map(({ value, text }) => (
          <Radio key={value} value={value} className="theme-choice">
            {text}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}

function SignOutSheet({ onClose }: { readonly onClose: () => void }) {
  const { chat } = usePage();
  const { conversations } = useSnapshot();
  const { busy, failure, run } = useAttempt();
  const waiting = conversations.reduce((sum, conversation) => sum + conversation.queued.length, 0);
  return (
    <Sheet title="Sign out of this device?" role="alertdialog" onClose={onClose}>
      <div className="account">
        <p>
          Everything on this device is wiped: messages, keys, drafts. What was read here cannot be fetched
          again: the keys that opened it are used once and gone.
        </p>
        {waiting > 0 ? (
          <p className="account-loss">
            {waiting === 1 ? 'One message was' : `${waiting} messages were`} not sent yet and will be lost.
          </p>
        ) : null}
        <p>Your account stays: sign in again with your username and password.</p>
        <FailureNote text={failure} />
        <div className="account-actions">
          <Button look="quiet" isDisabled={busy} onPress={onClose} autoFocus>
            Stay
          </Button>
          <Button look="alarm" isDisabled={busy} onPress={() => void run(() => chat.signOut({}))}>
            Sign out and wipe
          </Button>
        </div>
      </div>
    </Sheet>
  );
}
