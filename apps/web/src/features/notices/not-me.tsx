import { Row, Rows } from '../../components/row.tsx';
import { Step } from '../../components/step.tsx';

interface NotMeProps {
  readonly onDevices: () => void;
  readonly onPassword: () => void;
}

/** What to do when somebody else did it: out with the device, then a password that they do not know. */
export function NotMe({ onDevices, onPassword }: NotMeProps) {
  return (
    <Step label="If it was not you">
      <p>
        Somebody knows your password, and your second step if you have one. They get no earlier messages, but
        whatever is written from now on. Two things, in this order:
      </p>
      <Rows label="What to do now">
        <Row icon="devices" name="1. Remove their device" onOpen={onDevices} />
        <Row icon="lock" name="2. Change your password" onOpen={onPassword} />
      </Rows>
      <p>If you cannot sign in any more, reset your password from the sign-in card.</p>
    </Step>
  );
}
