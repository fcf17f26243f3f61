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
  const step = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { activeElement } = document;
    const isLost =
      activeElement === null || activeElement === document.body || activeElement.matches('[role=dialog]');
    if (isLost || step.current?.contains(activeElement) === false) step.current?.focus();
  }, []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; this names what the focus landed on
    <div ref={step} className="step" role="group" tabIndex={-1} aria-label={label}>
      {children}
    </div>
  );
}
