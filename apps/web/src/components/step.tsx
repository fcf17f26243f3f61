import { type ReactNode, useEffect, useRef } from 'react';
import './step.css';

interface StepProps {
  /** What an assistive technology says when the step takes the focus. */
  readonly label: string;
  readonly children: ReactNode;
}

/**
 * One page of a sheet that has several. What had the focus went with the page before, so the new one takes it, unless a
 * field in it asked for it: a keyboard goes on from here. Give each step its own `key`.
 */
export function Step({ label, children }: StepProps) {
  const step = useRef<HTMLElement>(null);
  useEffect(() => {
    const { activeElement } = document;
    const isLost =
      activeElement === null || activeElement === document.body || activeElement.matches('[role=dialog]');
    if (isLost || step.current?.contains(activeElement) === false) step.current?.focus();
  }, []);
  return (
    <section ref={step} className="step" tabIndex={-1} aria-label={label}>
      {children}
    </section>
  );
}
