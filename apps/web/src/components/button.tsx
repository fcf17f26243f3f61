import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import './button.css';

interface ButtonProps extends Omit<AriaButtonProps, 'className'> {
  /** `plain`: text only. `link`: text in a text. `quiet`: outlined. `strong`: the one thing to do here. `alarm`: destroys something. */
  readonly look?: 'plain' | 'quiet' | 'strong' | 'alarm' | 'icon' | 'link';
  readonly extraClass?: string;
  /**
   * What it began is not done. It keeps the focus, which a disabled button loses; `useAttempt` drops a second press. (The library's
   * `isPending` leaves an image without a name in the document for a while.)
   */
  readonly isBusy?: boolean;
}

export function Button({ look = 'quiet', extraClass = '', isBusy = false, ...rest }: ButtonProps) {
  const busy = isBusy ? 'button-busy' : '';
  return <AriaButton {...rest} className={`button button-${look} ${busy} ${extraClass}`} />;
}
