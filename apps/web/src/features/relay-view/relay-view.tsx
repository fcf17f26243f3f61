import type { ConversationView, RelayRowView } from '@sotto/core/page';
import { useEffect, useRef, useState } from 'react';
import { usePage } from '../../chat/page-context.tsx';
import { exactText } from '../../chat/times.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure-note.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAttempt } from '../../components/use-attempt.ts';
import { dumpRows } from './hex-dump.ts';
import './relay-view.css';

const COUNT = 20;

interface RelayViewProps {
  readonly conversation: ConversationView;
  readonly onClose: () => void;
}

/** The proof of the first promise that a person can look at: the bytes at the relay beside what they mean here. */
export function RelayView({ conversation, onClose }: RelayViewProps) {
  const { rows, failure, hasMore, more } = useRelayRows(conversation);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    panel.current?.focus();
    return () => {
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <section
      ref={panel}
      className="relay-view"
      aria-label="What the relay stores"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <header className="relay-view-head">
        <h1>What the relay stores</h1>
        <Button look="icon" aria-label="Close the relay's view" onPress={onClose}>
          <Icon name="close" />
        </Button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className="relay-view-body" aria-label="Entries" tabIndex={0}>
        <p className="relay-view-lead">
          These are the bytes of this conversation as they lie on the server, newest first: numbered, timed,
          padded, sealed. It holds no names, no sender and no key. Beside them stands what your device reads
          in them.
        </p>
        <FailureNote text={failure} />
        {rows.length === 0 && failure === undefined ? (
          <p className="relay-view-empty">Nothing yet: the log is made with the first message.</p>
        ) : null}
        <ol className="entries">
          {rows.map((row) => (
            <li key={row.id + row.seq}>
              <Entry row={row} />
            </li>
          ))}
        </ol>
        {hasMore ? (
          <Button look="quiet" onPress={more}>
            Older entries
          </Button>
        ) : null}
      </section>
    </section>
  );
}

const FIRST_BYTES = 96;
const ROW = 8;

function Entry({ row }: { readonly row: RelayRowView }) {
  const [whole, setWhole] = useState(false);
  const { body } = row;
  const lines = dumpRows(body, ROW, whole ? body.length : FIRST_BYTES);
  return (
    <article className="entry" aria-label={`Entry ${row.seq}`}>
      <header className="entry-facts">
        <strong>Entry {row.seq}</strong>
        <span>{row.kind}</span>
        <span>epoch {row.epoch}</span>
        <span>{sizeText(body.length)}</span>
        <time dateTime={new Date(row.time).toISOString()}>{exactText(row.time)}</time>
      </header>
      <div className="entry-sides">
        <figure className="entry-stored">
          <figcaption>The relay has</figcaption>
          <pre>
            {lines.map(({ offset, hex, ascii }) => (
              <span key={offset} className="dump-row">
                <i>{offset}</i> {hex.padEnd(ROW * 3 - 1)} <b>{ascii}</b>
                {'\n'}
              </span>
            ))}
          </pre>
          {body.length > FIRST_BYTES ? (
            <Button
              look="plain"
              extraClass="entry-more"
              aria-expanded={whole}
              onPress={() => setWhole(!whole)}
            >
              {whole ? 'Show the beginning only' : `Show all ${sizeText(body.length)}`}
            </Button>
          ) : null}
        </figure>
        <figure className="entry-read">
          <figcaption>You read</figcaption>
          {row.meaning === undefined ? (
            <p className="entry-unread">
              No message: a delivery report between devices, or nothing that this device can read.
            </p>
          ) : (
            <blockquote>{row.meaning}</blockquote>
          )}
        </figure>
      </div>
    </article>
  );
}

function sizeText(bytes: number): string {
  return bytes < 10_000 ? `${bytes} bytes` : `${Math.round(bytes / 1024)} kB`;
}

/** The newest rows, read again when the thread grows, and as many older ones as were asked for. */
function useRelayRows(conversation: ConversationView) {
  const { chat } = usePage();
  const { key, total } = conversation;
  const [rows, setRows] = useState<readonly RelayRowView[]>([]);
  const [wanted, setWanted] = useState(COUNT);
  const { failure, run } = useAttempt();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a thread that grew has new rows to show
  useEffect(() => {
    let current = true;
    void run(async () => {
      const next = await chat.relayView({ conversation: key, count: wanted });
      if (current) setRows(next);
    });
    return () => {
      current = false;
    };
  }, [chat, key, total, wanted, run]);
  return { rows, failure, hasMore: rows.length >= wanted, more: () => setWanted(wanted + COUNT) };
}
