import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { type FailureText, failureText } from '../../chat/failure-texts.ts';
import { usePage } from '../../chat/page-context.tsx';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { Icon } from '../../components/icon.tsx';
import './composer.css';

interface ComposerProps {
  readonly conversation: string;
  readonly peerName: string;
  readonly isDisabled: boolean;
  /** The other account is deleted: nobody is there to read. */
  readonly isClosed: boolean;
}

/** Where a message is written. Enter sends, Shift and Enter begin a new line; a draft outlives a change of thread. */
export function Composer({ conversation, peerName, isDisabled: isBlocked, isClosed }: ComposerProps) {
  const isDisabled = isBlocked || isClosed;
  const { chat, drafts, newEntryId } = usePage();
  const [text, setText] = useState(() => drafts.read(conversation));
  const box = useRef<HTMLTextAreaElement>(null);
  const hint = useId();
  const [failure, setFailure] = useState<FailureText>();

  useLayoutEffect(() => fitHeight(box.current), []);
  useEffect(() => {
    // On a desk the hands are on the keyboard already; on a phone a rising keyboard would hide the thread.
    if (matchMedia('(pointer: fine)').matches) box.current?.focus();
  }, []);

  const change = (next: string) => {
    setText(next);
    drafts.keep(conversation, next);
    setFailure(undefined);
    requestAnimationFrame(() => fitHeight(box.current));
  };
  const send = async () => {
    const sent = text.trim();
    if (sent === '' || isDisabled) return;
    change('');
    try {
      // Not one at a time: who writes fast does not wait for the disk, and verbs keep their order.
      await chat.sendMessage({ conversation, id: newEntryId(), text: sent });
    } catch (error) {
      // What could not be queued comes back, before whatever stands there by now.
      const typed = drafts.read(conversation);
      change(typed === '' ? sent : `${sent}\n${typed}`);
      setFailure(failureText(error));
    }
  };
  const pressKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <FailureNote text={failure} />
      {isClosed ? (
        <p className="composer-closed">
          {peerName} deleted their account. What you two wrote stays on this device; nothing more can be sent.
        </p>
      ) : null}
      <div className="composer-row">
        <textarea
          ref={box}
          className="composer-box"
          aria-label="Message"
          aria-describedby={hint}
          placeholder={isClosed ? '' : `Write to ${peerName}`}
          rows={1}
          value={text}
          disabled={isDisabled}
          onChange={(event) => change(event.target.value)}
          onKeyDown={pressKey}
        />
        <Button
          look="strong"
          type="submit"
          extraClass="composer-send"
          aria-label="Send"
          isDisabled={isDisabled || text.trim() === ''}
        >
          <Icon name="send" />
        </Button>
      </div>
      <p className="unseen" id={hint}>
        Enter sends, Shift and Enter begin a new line.
      </p>
    </form>
  );
}

const TALLEST = 200;

function fitHeight(box: HTMLTextAreaElement | null): void {
  if (box === null) return;
  box.style.height = 'auto';
  box.style.height = `${Math.min(TALLEST, box.scrollHeight + 2)}px`;
}
