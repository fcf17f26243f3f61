import { setTimeout as pause } from 'node:timers/promises';
import { decodeInboxRun } from '@sotto/protocol';
import { createClient, type Somebody } from './people.ts';
import { hex } from './thread.ts';
import type { Town } from './town.ts';

/** A device that takes its Welcomes, and trims what it took. */
export interface Doormat {
  /** Ids of the commits that its Welcomes came with. */
  readonly items: readonly string[];
  close(): void;
}

/** Items taken before they are trimmed. */
const TRIM_AFTER = 50;
const RETRY_MS = 30;

export function createDoormat(town: Town, who: Somebody): Doormat {
  const items: string[] = [];
  let cursor = 0;
  let trimmed = 0;
  let isAsking = false;
  let asksAgain = false;

  /** Whether there may be more. */
  const readOn = async (): Promise<boolean> => {
    const answer = await client.ask('inbox:read', { after: cursor });
    // The next connection begins anew.
    if (answer === undefined) return asksAgain;
    if (!answer.ok) {
      await pause(RETRY_MS);
      return true;
    }
    const found = (decodeInboxRun(answer.run) ?? []).filter(({ seq }) => seq > cursor);
    for (const { seq, body } of found) {
      items.push(hex(body));
      cursor = seq;
    }
    return asksAgain || found.length > 0;
  };
  const trim = async (): Promise<void> => {
    const upTo = cursor;
    if (upTo - trimmed < TRIM_AFTER) return;
    const answer = await client.ask('inbox:trim', { upTo });
    if (answer?.ok) trimmed = upTo;
  };
  const read = async (): Promise<void> => {
    asksAgain = true;
    if (isAsking) return;
    isAsking = true;
    while (asksAgain) {
      asksAgain = false;
      asksAgain = await readOn();
      await trim();
    }
    isAsking = false;
  };
  // A notice is a hint: what it is about is read, in the order of the inbox.
  const client = createClient(town, who, {
    onConnect: () => void read(),
    onNotice: (name) => void (name === 'inbox:items' && read()),
  });
  return { items, close: client.close };
}
