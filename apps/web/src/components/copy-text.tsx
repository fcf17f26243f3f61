import { useState } from 'react';
import { Button } from './button.tsx';

/** Copies `text`; says aloud that it did, or that the browser did not allow it. */
export function CopyText({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const [said, setSaid] = useState('');
  const copy = () => {
    const write = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    write.then(
      () => setSaid('Copied.'),
      () => setSaid('This browser does not let pages copy: select it and copy it by hand.'),
    );
  };
  return (
    <span className="copy-text">
      <Button look="quiet" onPress={copy}>
        {label}
      </Button>
      <span className="copy-said" role="status">
        {said}
      </span>
    </span>
  );
}
