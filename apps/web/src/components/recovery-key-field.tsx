import { Label, Text, TextArea, TextField } from 'react-aria-components';
import './recovery-key-field.css';

/** Characters of a recovery key as printed, without spaces and dashes: 32 of the key, 4 that check it. */
const LENGTH = 36;

interface RecoveryKeyFieldProps {
  readonly value: string;
  readonly onChange: (key: string) => void;
  readonly autoFocus?: boolean;
}

/** Nine groups of four characters, typed from paper: shown as they are typed, counted, never kept by the browser. */
export function RecoveryKeyField({ value, onChange, autoFocus = false }: RecoveryKeyFieldProps) {
  const typed = keyLength(value);
  return (
    <TextField
      className="field recovery-key-field"
      value={value}
      onChange={(next) => onChange(next.replaceAll(/\s+/g, ' '))}
      autoFocus={autoFocus}
      validationBehavior="aria"
    >
      <Label>Recovery key</Label>
      <TextArea
        rows={2}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck="false"
        maxLength={128}
        placeholder="XXXX XXXX XXXX XXXX XXXX XXXX XXXX XXXX XXXX"
      />
      <Text slot="description" className="hint">
        {typed === 0
          ? 'As printed. Capitals, spaces and dashes do not matter.'
          : `${typed} of ${LENGTH} characters`}
      </Text>
    </TextField>
  );
}

export function keyLength(typed: string): number {
  return typed.replaceAll(/[\s-]/g, '').length;
}

/** Whether there is enough of it to try; whether it is right only the vault tells. */
export function isWholeKey(typed: string): boolean {
  return keyLength(typed) === LENGTH;
}
