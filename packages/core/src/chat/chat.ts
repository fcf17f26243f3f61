/**
 * The chat verbs and what they show: all that a page, a bot or a test says to the core. Ids are lower-case hexadecimal
 * here; no key, token or MLS value ever crosses this line. Snapshots are immutable: a changed part is a new object, an
 * unchanged part keeps its identity.
 */

import type { AccountNoticeView, AccountVerbs, RelayView } from './account-verbs.ts';

/** Hex of the 16-byte account id. */
export type AccountHex = string;
/** A thread as people see it. For a direct conversation: the other account's id, so two logs show as one thread. */
export type ConversationKey = string;

export type SessionView =
  | { readonly state: 'starting' }
  | { readonly state: 'signed_out' }
  /** The app lock is on: nothing of this device can be read before `unlock`. `passkey`: base64url ids that open it, too. */
  | { readonly state: 'locked'; readonly passkeys: readonly string[] }
  | {
      readonly state: 'signed_in';
      readonly account: AccountHex;
      readonly username: string;
      readonly device: string;
      /** False until this device stands in the chain and its KeyPackages are published. */
      readonly ready: boolean;
      /** On somebody else's computer: nothing is kept here. */
      readonly shared: boolean;
      /** Minutes without use after which the app locks; undefined: it never does. */
      readonly lockMinutes: number | undefined;
    };

/** `offline`: cannot reach the relay, sends wait in the outbox. `ended`: the relay ended the session; sign in again. */
export type ConnectionView = 'connecting' | 'online' | 'offline' | 'ended';

export interface PersonView {
  readonly account: AccountHex;
  /** The relay's claim, pinned at first contact. */
  readonly username: string;
  readonly verified: boolean;
  /** 60 digits in twelve groups of five, when the chain is known: to tell look-alike names apart. */
  readonly safetyDigits: string | undefined;
  /** The account's chain is closed: its owner deleted it. */
  readonly closed: boolean;
}

/** `queued`: on disk here. `sent`: durable at the relay. `delivered`: a device of the other side has it on disk. */
export type MessageState = 'queued' | 'sent' | 'delivered' | 'received' | 'failed';

/**
 * A line of a thread. `notice` lines are what every member sees of changes: who joined with which device, what was
 * removed; their text is said of the sender (“joined with device 3f2a…”). `gap` lines stand for entries that could not be opened or were withheld.
 */
export interface MessageView {
  /** Hex of the entry id: stable from the moment it is queued. */
  readonly id: string;
  /** Place in the thread, dense from 0 in log order; queued messages have none yet. */
  readonly index: number | undefined;
  readonly kind: 'text' | 'notice' | 'gap';
  readonly mine: boolean;
  readonly sender: AccountHex;
  readonly text: string;
  /** Milliseconds: the relay's time, or this device's while queued. */
  readonly time: number;
  readonly state: MessageState;
}

export interface ConversationView {
  readonly key: ConversationKey;
  readonly kind: 'direct';
  readonly peer: PersonView;
  /** Lines in the thread, queued ones excluded. */
  readonly total: number;
  readonly unread: number;
  /** Queued messages, oldest first; shown after the last line. */
  readonly queued: readonly MessageView[];
  readonly last: MessageView | undefined;
  /** Lines up to this index (inclusive) that are mine have reached a device of the other side; −1 when none. */
  readonly deliveredUpTo: number;
  /** Set while an alarm blocks sending here. */
  readonly blocked: boolean;
  /** Grows whenever a line already shown changes (not when lines are added): re-read what is on screen. */
  readonly revision: number;
}

export type AlarmKind =
  | 'identity_changed' // a recovery_reset: the contact has a new identity key
  | 'chain_forked' // the relay shows another history of an account's devices
  | 'chain_truncated' // the relay withholds statements it showed before
  | 'transcript_mismatch' // two members saw different transcripts
  | 'history_missing' // the log lost entries it had acknowledged or numbered
  | 'entry_refused'; // an entry that must be valid was not: tampering

/** Blocks its conversation (or, without one, the account) until the person decides. */
export interface AlarmView {
  readonly id: string;
  readonly kind: AlarmKind;
  readonly conversation: ConversationKey | undefined;
  readonly account: AccountHex | undefined;
  readonly time: number;
  /** What the person may do; `start_over` opens a fresh log with the same person. */
  readonly actions: readonly ('accept_identity' | 'start_over' | 'dismiss')[];
}

export interface ChatSnapshot {
  readonly session: SessionView;
  readonly connection: ConnectionView;
  /** Newest activity first. */
  readonly conversations: readonly ConversationView[];
  readonly alarms: readonly AlarmView[];
  /** Whether the browser promised to keep the store. */
  readonly storagePersisted: boolean;
  /** What happened to the own account elsewhere, newest first. */
  readonly notices: readonly AccountNoticeView[];
  readonly relay: RelayView | undefined;
}

export interface SafetyNumberView {
  readonly account: AccountHex;
  /** 60 digits in twelve groups of five. */
  readonly digits: string;
  /** What the QR code holds. */
  readonly qr: Uint8Array;
  readonly verified: boolean;
}

/** One entry exactly as the relay stores it, beside what this device reads in it. */
export interface RelayRowView {
  readonly seq: number;
  readonly time: number;
  readonly id: string;
  readonly epoch: number;
  readonly kind: 'message' | 'commit';
  readonly body: Uint8Array;
  /** What the entry meant here; undefined when this device never could read it. */
  readonly meaning: string | undefined;
}

/** Failures a person may meet; texts live in the page. */
export type ChatErrorCode =
  | 'wrong_credentials'
  | 'username_taken'
  | 'username_invalid'
  | 'password_too_weak'
  | 'email_invalid'
  | 'code_wrong' // wrong, used up or too old
  | 'attempt_over' // a sign-in, reset or change waited too long or was tried too often: start again
  | 'invite_invalid'
  | 'registration_closed'
  | 'email_required'
  | 'mail_off'
  | 'account_disabled'
  | 'recovery_key_wrong' // does not open this vault, or is mistyped
  | 'passkey_refused'
  | 'lock_wrong' // passphrase or passkey of the app lock
  | 'vault_refused' // what the relay gives as the vault is another one, an older one, or altered
  | 'offline'
  | 'rate_limited'
  | 'session_ended'
  | 'not_found'
  | 'not_signed_in'
  | 'message_empty'
  | 'message_too_long'
  | 'blocked' // an alarm stands in the way
  | 'peer_unavailable' // the other account has no device that can be reached
  | 'chain_refused' // the other account's chain does not verify
  | 'storage_full' // this device's, refused before sealing
  | 'relay_storage_full'
  | 'version_unsupported'
  | 'internal';

/** Thrown by verbs. `retryAfter` in seconds. */
export class ChatError extends Error {
  readonly code: ChatErrorCode;
  readonly retryAfter: number | undefined;
  constructor(code: ChatErrorCode, options: { cause?: unknown; retryAfter?: number | undefined } = {}) {
    super(code, { cause: options.cause });
    this.name = 'ChatError';
    this.code = code;
    this.retryAfter = options.retryAfter;
  }
}

/** Every verb: one argument object, one promise. Rejects with ChatError and nothing else. */
export interface Verbs extends AccountVerbs {
  /** Revokes this device where the relay can be reached, ends the session, wipes everything stored here. */
  signOut(input: Record<string, never>): Promise<void>;
  /** Exact name, or, in an open directory, every name that starts with it. Never the own account. */
  findPeople(input: { name: string }): Promise<readonly PersonView[]>;
  /** Opens (or returns) the direct conversation. The log is created with the first message. */
  openDirect(input: { account: AccountHex; username: string }): Promise<ConversationKey>;
  /** Resolves when the message is durable in this device's outbox. The same `id` again is the same message. */
  sendMessage(input: { conversation: ConversationKey; id: string; text: string }): Promise<void>;
  /** Lines `from` … `from + count − 1` in thread order; fewer at the end. */
  readMessages(input: {
    conversation: ConversationKey;
    from: number;
    count: number;
  }): Promise<readonly MessageView[]>;
  /** Everything up to `index` counts as read. */
  markRead(input: { conversation: ConversationKey; index: number }): Promise<void>;
  safetyNumber(input: { account: AccountHex }): Promise<SafetyNumberView>;
  setVerified(input: { account: AccountHex; verified: boolean }): Promise<void>;
  /** Newest entries first, before `before` (exclusive) when given. */
  relayView(input: {
    conversation: ConversationKey;
    before?: number | undefined;
    count: number;
  }): Promise<readonly RelayRowView[]>;
  resolveAlarm(input: { alarm: string; action: 'accept_identity' | 'start_over' | 'dismiss' }): Promise<void>;
  /** Try the relay now instead of after the backoff. */
  reconnect(input: Record<string, never>): Promise<void>;
}

export type VerbName = keyof Verbs;

/** The whole client. The page holds a stand-in of it that talks to the worker. */
export interface Chat extends Verbs {
  snapshot(): ChatSnapshot;
  /** Called after every change of the snapshot; returns the way to stop. */
  subscribe(listener: () => void): () => void;
  /** Stops timers and links. Nothing is wiped. */
  close(): Promise<void>;
}
