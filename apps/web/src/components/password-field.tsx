import type { PasswordVerdict } from '@sotto/core/page';
import { type ReactNode, useState } from 'react';
import { Input, Label, Text, TextField } from 'react-aria-components';
import { Button } from './button.tsx';
import { StrengthMeter } from './strength-meter.tsx';
import './password-field.css';

interface PasswordFieldProps {
  readonly label?: string;
  readonly value: string;
  readonly onChange: (password: string) => void;
  /** `off`: a shared computer, whose browser shall not offer to keep it. */
  readonly autoComplete: 'current-password' | 'new-password' | 'off';
  readonly hint?: ReactNode;
  /** Shows how good a new password is; see `useVerdict`. */
  readonly meter?: { readonly verdict: PasswordVerdict | undefined } | undefined;
  readonly autoFocus?: boolean;
  /** Of the field in its form. */
  readonly name?: string;
}

/** A password, hidden unless the person wants to see it. */
export function PasswordField(props: PasswordFieldProps) {
  const { label = 'Password', value, onChange, autoComplete, hint, meter, autoFocus = false } = props;
  const { name = 'password' } = props;
  const [shown, setShown] = useState(false);
  return (
    <TextField
      className="field"
      type={shown ? 'text' : 'password'}
      value={value}
      onChange={onChange}
      autoFocus={autoFocus}
      isRequired
      validationBehavior="aria"
    >
      <Label>{label}</Label>
      <div className="field-row">
        <Input
          name={name}
          autoComplete={autoComplete}
          autoCapitalize="none"
          spellCheck="false"
          maxLength={1024}
        />
        <Button
          look="plain"
          extraClass="reveal"
          aria-pressed={shown}
          aria-label="Show what I type"
          onPress={() => setShown(!shown)}
        >
          {shown ? 'Hide' : 'Show'}
        </Button>
      </div>
      {meter === undefined ? null : <StrengthMeter verdict={value === '' ? undefined : meter.verdict} />}
      {hint === undefined ? null : (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
    </TextField>
  );
}
