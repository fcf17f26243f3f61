import type { FactorMethod, ProofInput } from '@sotto/core/page';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Input, Label, TextField } from 'react-aria-components';
import type { FailureText } from '../chat/failure-texts.ts';
import { Button } from './button.tsx';
import { CodeField, isWholeCode } from './code-field.tsx';
import { FailureNote } from './failure-note.tsx';
import { showPasskey } from './passkey.ts';
import { isWholeKey, RecoveryKeyField } from './recovery-key-field.tsx';
import './passage.css';

interface ProofFormProps {
  readonly method: FactorMethod;
  /** JSON of WebAuthn request options, for a passkey. */
  readonly passkey: string | undefined;
  readonly busy: boolean;
  readonly failure: FailureText | undefined;
  /** Called once with a way to get the proof: asking for a passkey may fail, too. */
  readonly onProof: (proof: () => Promise<ProofInput>) => void;
  readonly onBack: () => void;
  /** Under the field: what else one can do about a code. */
  readonly aside?: ReactNode;
}

/** One proof: its field, or its button, and the way back. */
export function ProofForm({ method, passkey, busy, failure, onProof, onBack, aside }: ProofFormProps) {
  const [typed, setTyped] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy || !isWhole(method, typed)) return;
    onProof(() => proofOf(method, typed, passkey));
  };
  return (
    <form className="proof-form" onSubmit={submit} aria-label={METHOD_NAMES[method]}>
      <ProofField method={method} value={typed} onChange={setTyped} />
      {aside}
      <FailureNote text={failure} />
      <div className="passage-actions">
        <Button look="quiet" onPress={onBack}>
          Back
        </Button>
        <Button
          look="strong"
          type="submit"
          isDisabled={busy || !isWhole(method, typed)}
          autoFocus={method === 'passkey'}
        >
          {method === 'passkey' ? 'Use passkey' : 'Continue'}
        </Button>
      </div>
    </form>
  );
}

export const METHOD_NAMES: Record<FactorMethod, string> = {
  mail: 'Code by mail',
  totp: 'Authenticator app',
  passkey: 'Passkey',
  recovery_code: 'Recovery code',
  recovery_key: 'Recovery key',
};

function isWhole(method: FactorMethod, typed: string): boolean {
  if (method === 'passkey') return true;
  if (method === 'recovery_key') return isWholeKey(typed);
  return method === 'recovery_code' ? typed.trim().length >= 10 : isWholeCode(typed);
}

async function proofOf(
  method: FactorMethod,
  typed: string,
  passkey: string | undefined,
): Promise<ProofInput> {
  if (method === 'passkey') {
    const { response, prf } = await showPasskey(passkey ?? '');
    return { method, response, prf };
  }
  return method === 'recovery_key' ? { method, key: typed } : { method, code: typed.trim() };
}

interface ProofFieldProps {
  readonly method: FactorMethod;
  readonly value: string;
  readonly onChange: (typed: string) => void;
}

function ProofField({ method, value, onChange }: ProofFieldProps) {
  if (method === 'passkey') return null;
  if (method === 'recovery_key') return <RecoveryKeyField value={value} onChange={onChange} autoFocus />;
  if (method !== 'recovery_code')
    return <CodeField value={value} onChange={onChange} length={method === 'totp' ? 6 : 8} autoFocus />;
  return (
    <TextField className="field code-field" value={value} onChange={onChange} autoFocus>
      <Label>Recovery code</Label>
      <Input
        autoComplete="off"
        autoCapitalize="none"
        spellCheck="false"
        maxLength={32}
        placeholder="xxxxx-xxxxx"
      />
    </TextField>
  );
}
