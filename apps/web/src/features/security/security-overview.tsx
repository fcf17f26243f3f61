import { Icon } from '../../components/icon.tsx';
import { Row, Rows } from '../../components/row.tsx';
import type { SecurityPageProps } from './places.ts';
import { factorsText, verdictsOf } from './security-texts.ts';

/** What stands now, in two plain sentences, and the ways to change it. */
export function SecurityOverview({ view, from, onGo }: SecurityPageProps) {
  return (
    <>
      <ul className="verdicts" aria-label="How your account stands">
        {verdictsOf(view).map(({ good, text }) => (
          <li key={text} className={good ? 'verdict verdict-good' : 'verdict'}>
            <Icon name={good ? 'shieldCheck' : 'warning'} />
            <span>
              <span className="unseen">{good ? 'Good: ' : 'To do: '}</span>
              {text}
            </span>
          </li>
        ))}
      </ul>
      <Rows label="Security">
        <Row
          icon="lock"
          name="Password"
          value="Change"
          autoFocus={from === 'password'}
          onOpen={() => onGo('password')}
        />
        <Row
          icon="shield"
          name="Second step"
          value={factorsText(view)}
          autoFocus={from === 'second-step'}
          onOpen={() => onGo('second-step')}
        />
        <Row
          icon="key"
          name="Recovery key"
          value={view.recoveryKey ? 'Made' : 'None'}
          autoFocus={from === 'recovery-key'}
          onOpen={() => onGo('recovery-key')}
        />
        <Row
          icon="mail"
          name="E-mail"
          value={view.email ?? 'None'}
          autoFocus={from === 'email'}
          onOpen={() => onGo('email')}
        />
      </Rows>
    </>
  );
}
