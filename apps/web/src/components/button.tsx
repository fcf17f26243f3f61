import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import './button.css';

interface ButtonProps extends Omit<AriaButtonProps, 'className'> {
  /** `plain`: text only. `link`: text in a text. `quiet`: outlined. `strong`: the one thing to do here. `alarm`: destroys something. */
  readonly look?: 'plain' | 'quiet' | 'strong' | 'alarm' | 'icon' | 'link';
  readonly extraClass?: string;
}

export function Button({ look = 'quiet', extraClass = '', ...rest }: ButtonProps) {
  return <AriaButton {...rest} className={`button button-${look} ${extraClass}`} />;
}
