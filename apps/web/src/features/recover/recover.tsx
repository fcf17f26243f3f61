import { useState } from 'react';
import { usePage, useSnapshot } from '../../chat/page-context.tsx';
import { FactorStep } from '../../components/factor-step.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import { IdentityStep } from './identity-step.tsx';
import { NameStep } from './name-step.tsx';
import { PasswordStep } from './password-step.tsx';
import { afterProof, type RecoverStep } from './steps.ts';

interface RecoverProps {
  readonly username: string;
  /** A shared computer, as the card said: nothing is kept. */
  readonly shared: boolean;
  readonly onBack: () => void;
}

/**
 * The way back into an account whose password is forgotten: name, proof, second factor, how the identity comes back, a new
 * password. What is asked in between the relay decides; the session at the end takes the place of all this.
 */
export function Recover({ username, shared, onBack }: RecoverProps) {
  const { chat } = usePage();
  const { relay } = useSnapshot();
  const [name, setName] = useState(username);
  const [step, setStep] = useState<RecoverStep>({ at: 'name' });
  const attempt = useAttempt();
  const account = name.trim().toLowerCase();
  const restart = (error?: unknown) => {
    setStep({ at: 'name' });
    if (error !== undefined) attempt.fail(error);
    // It may have ended by itself.
    chat.cancelSignIn({}).catch(() => undefined);
  };
  const begin = () =>
    void attempt.run(async () => {
      await chat.forgotPassword({ username: account });
      setStep({ at: 'proof' });
    });
  const proof = {
    verify: async (given: Parameters<typeof chat.proveReset>[0]) =>
      setStep(afterProof(await chat.proveReset(given))),
    onOver: restart,
    onBack: () => restart(),
  };

  switch (step.at) {
    case 'name':
      return <NameStep name={name} onName={setName} attempt={attempt} onBegin={begin} onBack={onBack} />;
    case 'proof':
      return (
        <FactorStep
          key="proof"
          title="Is it you?"
          methods={relay?.mail === false ? ['recovery_key'] : ['mail', 'recovery_key']}
          passkey={undefined}
          mailSent
          mailLead="If this account has an address, a code with eight digits is on its way there."
          sendCode={() => chat.forgotPassword({ username: account })}
          {...proof}
        />
      );
    case 'factor':
      return (
        <FactorStep
          key="factor"
          title="One more proof"
          methods={step.methods}
          passkey={step.passkey}
          sendCode={() => chat.sendCode({})}
          {...proof}
        />
      );
    case 'identity':
      return (
        <IdentityStep
          ways={step.ways}
          passkey={step.passkey}
          failure={step.failure}
          onChosen={(restore) => setStep({ ...step, at: 'password', restore })}
          onBack={() => restart()}
        />
      );
    case 'password':
      return (
        <PasswordStep
          username={account}
          shared={shared}
          step={step}
          onIdentity={(failure) => setStep({ ...step, at: 'identity', failure })}
          onOver={restart}
          onBack={() => (step.restore === 'known' ? restart() : setStep({ ...step, at: 'identity' }))}
        />
      );
  }
}
