import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Icon, type IconName } from './icon.tsx';
import './row.css';

/** A list of ways on. */
export function Rows({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <ul className="rows" aria-label={label}>
      {children}
    </ul>
  );
}

interface RowProps {
  readonly icon: IconName;
  readonly name: string;
  /** How it stands now. */
  readonly value?: string | undefined;
  readonly look?: 'plain' | 'alarm';
  readonly autoFocus?: boolean;
  readonly onOpen: () => void;
}

/** Opens a part of a sheet. */
export function Row({ icon, name, value, look = 'plain', autoFocus = false, onOpen }: RowProps) {
  return (
    <li>
      <AriaButton className={`row row-${look}`} autoFocus={autoFocus} onPress={onOpen}>
        <Icon name={icon} />
        <span className="row-name">{name}</span>
        {value === undefined ? null : <span className="row-value">{value}</span>}
        <Icon name="next" size={16} />
      </AriaButton>
    </li>
  );
}
