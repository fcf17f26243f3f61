import { Component, type ReactNode, Suspense } from 'react';
import { FAILURE_TEXTS } from '../chat/failure-texts.ts';
import { FailureNote } from './failure-note.tsx';
import { Sheet } from './sheet.tsx';

interface LazyPartProps {
  readonly children: ReactNode;
  readonly onClose: () => void;
}

/**
 * Around a part of the page that is loaded when it is first opened. After an update the relay has no files of this build any
 * more: then it says so instead of taking the whole page down.
 */
export class LazyPart extends Component<LazyPartProps, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    const { children, onClose } = this.props;
    if (!this.state.failed) return <Suspense fallback={null}>{children}</Suspense>;
    return (
      <Sheet title="This part did not load" onClose={onClose}>
        <FailureNote text={FAILURE_TEXTS.version_unsupported} />
      </Sheet>
    );
  }
}
