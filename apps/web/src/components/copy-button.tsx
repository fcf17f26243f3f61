import { useState } from 'react';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

/** Copies a text that is on screen anyway; a browser that refuses says so, and the text can still be marked by hand. */
export function CopyButton({ text }: { readonly text: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setState('copied'),
      () => setState('refused'),
    );
  return (
    <>
      <Button look="quiet" onPress={() => void copy()}>
        <Icon name="copy" />
        {state === 'copied' ? 'Copied' : 'Copy'}
      </Button>
      <span className="unseen" role="status">
        {STATE_TEXTS[state]}
      </span>
    </>
  );
}

const STATE_TEXTS = {
  idle: '',
  copied: 'Copied.',
  refused: 'The browser does not let this page copy. Mark the text and copy it by hand.',
} as const;
