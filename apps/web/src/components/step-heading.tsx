import { type ReactNode, useEffect, useRef } from 'react';
import './step-heading.css';

interface StepHeadingProps {
  readonly children: ReactNode;
  /** Takes the focus when the step appears. `false`: a field of the step does. */
  readonly takesFocus?: boolean;
}

/** The heading of one step among several in the same place; it tells screen readers that another step is here. */
export function StepHeading({ children, takesFocus = true }: StepHeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, [takesFocus]);
  return (
    <h2 ref={heading} className="step-heading" tabIndex={-1}>
      {children}
    </h2>
  );
}
