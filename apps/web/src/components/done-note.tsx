import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';
import './step.css';

/** Says aloud that something was done. */
export function DoneNote({ children }: { readonly children: ReactNode }) {
  return (
    <div className="step-done" role="status">
      <Icon name="sent" />
      <p>{children}</p>
    </div>
  );
}
