import type { FailureText } from '../chat/failure-texts.ts';
import { Icon } from './icon.tsx';
import './failure-note.css';

/** Says what happened, what is safe and what to do, and says it aloud. */
export function FailureNote({ text }: { readonly text: FailureText | undefined }) {
  return (
    <div role="alert" className="failure-place">
      {text === undefined ? null : (
        <div className="failure">
          <Icon name="failed" />
          <p>
            <strong>{text.happened}</strong> {text.safe} {text.todo}
          </p>
        </div>
      )}
    </div>
  );
}
