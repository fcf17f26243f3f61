import { Row, Rows } from '../../components/row.tsx';
import type { SecurityPageProps } from './places.ts';
import { hasSecondStep } from './security-texts.ts';

/** What a sign-in asks for after the password: one of those that are on. */
export function SecondStep({ view, from, onGo }: SecurityPageProps) {
  const { factors, passkeys, recoveryCodesLeft } = view;
  const on = (method: 'totp' | 'mail') => (factors.includes(method) ? 'On' : 'Off');
  return (
    <>
      <p>Asked for after your password when you sign in. Any one of those that are on is enough.</p>
      <Rows label="Second step">
        <Row
          icon="queued"
          name="Authenticator app"
          value={on('totp')}
          autoFocus={from === 'authenticator'}
          onOpen={() => onGo('authenticator')}
        />
        <Row
          icon="fingerprint"
          name="Passkeys"
          value={passkeys.length === 0 ? 'None' : String(passkeys.length)}
          autoFocus={from === 'passkeys'}
          onOpen={() => onGo('passkeys')}
        />
        <Row
          icon="mail"
          name="Code by mail"
          value={on('mail') === 'On' ? 'On, the weakest' : 'Off'}
          autoFocus={from === 'mail-code'}
          onOpen={() => onGo('mail-code')}
        />
        {hasSecondStep(view) ? (
          <Row
            icon="list"
            name="Recovery codes"
            value={`${recoveryCodesLeft} left`}
            autoFocus={from === 'recovery-codes'}
            onOpen={() => onGo('recovery-codes')}
          />
        ) : null}
      </Rows>
    </>
  );
}
