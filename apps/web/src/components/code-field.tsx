import { Input, Label, Text, TextField } from 'react-aria-components';
import './code-field.css';

interface CodeFieldProps {
  readonly label?: string;
  readonly value: string;
  readonly onChange: (digits: string) => void;
  readonly hint?: string | undefined;
  readonly autoFocus?: boolean;
  /** Digits of the codes that are asked for here. */
  readonly length?: 6 | 8;
}

/** Six to eight digits as one field, so that a code can be pasted, filled in by the device, and read aloud whole. */
export function CodeField({
  label = 'Code',
  value,
  onChange,
  hint,
  autoFocus = false,
  length,
}: CodeFieldProps) {
  return (
    <TextField
      className="field code-field"
      value={value}
      onChange={(typed) => onChange(digitsOf(typed))}
      autoFocus={autoFocus}
      validationBehavior="aria"
    >
      <Label>{label}</Label>
      <Input
        autoComplete="one-time-code"
        inputMode="numeric"
        spellCheck="false"
        placeholder={'·'.repeat(length ?? 8)}
      />
      {hint === undefined ? null : (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
    </TextField>
  );
}

/** Codes arrive with spaces, dashes and line ends around them; digits are all that counts. */
export function digitsOf(typed: string): string {
  return typed.replaceAll(/\D/g, '').slice(0, 8);
}

export function isWholeCode(digits: string): boolean {
  return digits.length >= 6 && digits.length <= 8;
}
