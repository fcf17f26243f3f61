import type { InboxAddress, ItemAppended, ItemsRead } from '../inbox-store.ts';
import type {
  AppendCommit,
  Appended,
  AppendMessage,
  AppendRefused,
  CreateLog,
  Done,
  EntriesRead,
  InboxDelivery,
  ReadEntries,
  Refused,
} from '../log-store.ts';
import type { ExpiryStep } from './expiry.ts';

/** What the two stores ask of the one writer, and what it answers. Crosses the thread boundary as it stands. */
export interface Operations {
  create: { request: CreateLog; outcome: Done | Refused<'log_exists'> };
  message: { request: AppendMessage; outcome: Appended | AppendRefused };
  commit: { request: AppendCommit; outcome: Appended | AppendRefused | Refused<'inbox_full'> };
  read: { request: ReadEntries; outcome: EntriesRead | Refused<'log_unknown' | 'token_refused'> };
  leave: {
    request: { readonly delivery: InboxDelivery; readonly today: number };
    outcome: ItemAppended | Refused<'inbox_full'>;
  };
  look: {
    request: { readonly address: InboxAddress; readonly after: number; readonly today: number };
    outcome: ItemsRead | Refused<never>;
  };
  trim: {
    request: { readonly address: InboxAddress; readonly upTo: number };
    outcome: Done | Refused<never>;
  };
  expire: {
    request: { readonly now: number; readonly after: number };
    outcome: (Done & ExpiryStep) | Refused<never>;
  };
  expireItems: {
    request: { readonly today: number };
    outcome: (Done & { readonly expired: number }) | Refused<never>;
  };
  /** Whether a write becomes durable now. */
  probe: { request: { readonly at: number }; outcome: Done | Refused<never> };
}

export type OperationName = keyof Operations;

export type Operation = {
  [N in OperationName]: { readonly name: N; readonly request: Operations[N]['request'] };
}[OperationName];

export type Outcome = Operations[OperationName]['outcome'];

/** Operations that only read: they run after the transaction, and see what is durable. */
export function isReading(operation: Operation): boolean {
  return operation.name === 'read' || operation.name === 'look';
}
