import type { ChatError, FactorMethod, ProofInput } from '@sotto/core/page';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { hasPasskeys } from './passkey.ts';
import { METHOD_NAMES, ProofForm } from './proof-form.tsx';
import { Resend } from './resend.tsx';
import { StepHeading } from './step-heading.tsx';
import { isOver, useAttempt } from './use-attempt.ts';
import './passage.css';
import './factor-step.css';

interface FactorStepProps {
  readonly title: string;
  /** What is wanted and why; under the title. */
  readonly children?: ReactNode;
  readonly methods: readonly FactorMethod[];
  readonly passkey: string | undefined;
  /** Whether the mail with the code was sent before this step. */
  readonly mailSent?: boolean;
  /** Instead of the words that promise a mail, where nothing may be promised. */
  readonly mailLead?: string;
  readonly sendCode: () => Promise<unknown>;
  readonly verify: (proof: ProofInput) => Promise<unknown>;
  /** The attempt is over (`attempt_over`): it begins again where it began. */
  readonly onOver: (error: ChatError) => void;
  readonly onBack: () => void;
}

/** One of several proofs: the strongest that this browser can give first, the others a press away. */
export function FactorStep(props: FactorStepProps) {
  const ways = waysOf(props.methods, props.passkey !== undefined && hasPasskeys());
  const [chosen, setChosen] = useState<FactorMethod | undefined>();
  const method = chosen ?? ways[0];
  const attempt = useAttempt();
  const mail = useMailCode(method, props.mailSent === true, props.sendCode, attempt.run);
  const give = (proof: () => Promise<ProofInput>) =>
    void attempt.run(async () => {
      try {
        await props.verify(await proof());
      } catch (error) {
        if (!isOver(error)) throw error;
        props.onOver(error);
      }
    });
  return (
    <div className="passage">
      <StepHeading takesFocus={method === undefined}>{props.title}</StepHeading>
      {props.children}
      {method === undefined ? null : (
        <>
          <p className="passage-lead">{(method === 'mail' ? props.mailLead : undefined) ?? LEADS[method]}</p>
          <ProofForm
            // Another method, or another code on its way: an empty field that has the focus.
            key={`${method} ${mail.sends}`}
            method={method}
            passkey={props.passkey}
            busy={attempt.busy}
            failure={attempt.failure}
            onProof={give}
            onBack={props.onBack}
            aside={
              method === 'mail' ? (
                <Resend key={mail.sends} isDisabled={attempt.busy} onSend={mail.send} />
              ) : null
            }
          />
        </>
      )}
      <OtherWays
        ways={ways.filter((way) => way !== method)}
        onChoose={(way) => {
          attempt.forget();
          setChosen(way);
        }}
      />
    </div>
  );
}

const STRONGEST_FIRST: readonly FactorMethod[] = ['passkey', 'totp', 'mail', 'recovery_code', 'recovery_key'];

/** The methods in the order in which they are offered; without passkeys where none can be shown. */
export function waysOf(methods: readonly FactorMethod[], canPasskey: boolean): FactorMethod[] {
  return STRONGEST_FIRST.filter((way) => methods.includes(way) && (way !== 'passkey' || canPasskey));
}

const LEADS: Record<FactorMethod, string> = {
  passkey: 'Confirm with your passkey: the screen lock of this device, a security key, or your phone.',
  totp: 'The six digits that your authenticator app shows now.',
  mail: 'The eight digits that were sent to the address of this account.',
  recovery_code: 'One of the codes you kept for this. Each of them serves once.',
  recovery_key: 'The key you printed: nine groups of four characters. It stands in for every other proof.',
};

/** Sends the first code when mail is chosen, and others when asked. */
function useMailCode(
  method: FactorMethod | undefined,
  sent: boolean,
  sendCode: () => Promise<unknown>,
  run: (verb: () => Promise<unknown>) => Promise<boolean>,
) {
  const [sends, setSends] = useState(0);
  const isSent = useRef(sent);
  const send = () =>
    void run(async () => {
      await sendCode();
      setSends((before) => before + 1);
    });
  const latest = useRef(send);
  latest.current = send;
  useEffect(() => {
    if (method !== 'mail' || isSent.current) return;
    isSent.current = true;
    latest.current();
  }, [method]);
  return { sends, send };
}

interface OtherWaysProps {
  readonly ways: readonly FactorMethod[];
  readonly onChoose: (way: FactorMethod) => void;
}

const NOTES: Record<FactorMethod, string> = {
  passkey: 'Screen lock, security key or phone',
  totp: 'Six digits that change every half minute',
  mail: 'The weakest: whoever reads the mailbox has it',
  recovery_code: 'One of the codes you kept',
  recovery_key: 'The key you printed',
};

function OtherWays({ ways, onChoose }: OtherWaysProps) {
  if (ways.length === 0) return null;
  return (
    <section className="other-ways" aria-label="Another way">
      <h3>Another way</h3>
      <ul>
        {ways.map((way) => (
          <li key={way}>
            <AriaButton className="other-way" onPress={() => onChoose(way)}>
              <span className="other-way-name">{METHOD_NAMES[way]}</span>
              <span className="other-way-note">{NOTES[way]}</span>
            </AriaButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
