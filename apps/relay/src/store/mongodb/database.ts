import { type Collection, MongoClient } from 'mongodb';
import type {
  AccountDocument,
  AccountRecordDocument,
  AccountStepDocument,
  ClaimedDocument,
  CodeDocument,
  CounterDocument,
  EntryDocument,
  InboxItemDocument,
  InviteDocument,
  KeyPackageDocument,
  LastResortDocument,
  MailDocument,
  MarkDocument,
  ProbeDocument,
  RefreshDocument,
  SessionDocument,
} from './documents.ts';
import { ensureIndexes } from './indexes.ts';

/** An open database whose indexes are made. Only drivers in this folder see it. */
export interface MongoDatabase {
  readonly entries: Collection<EntryDocument>;
  readonly inboxItems: Collection<InboxItemDocument>;
  readonly accounts: Collection<AccountDocument>;
  readonly accountSteps: Collection<AccountStepDocument>;
  readonly accountRecords: Collection<AccountRecordDocument>;
  readonly sessions: Collection<SessionDocument>;
  readonly refreshes: Collection<RefreshDocument>;
  readonly keyPackages: Collection<KeyPackageDocument>;
  readonly claimed: Collection<ClaimedDocument>;
  readonly lastResorts: Collection<LastResortDocument>;
  readonly codes: Collection<CodeDocument>;
  readonly codeTries: Collection<MarkDocument>;
  readonly claims: Collection<MarkDocument>;
  readonly mail: Collection<MailDocument>;
  readonly invites: Collection<InviteDocument>;
  readonly counters: Collection<CounterDocument>;
  readonly probes: Collection<ProbeDocument>;
  /** Indexes that this server makes only without expiry or filter. */
  readonly lesserIndexes: readonly string[];
  close(): Promise<void>;
}

export interface MongoOptions {
  /** `MONGO_URI`. Secret: it may hold a password. Without a database in its path, `sotto` is taken. */
  readonly uri: string;
  readonly database?: string;
  /** False leaves all expiry to the sweep: for tests whose clock is not the server's. */
  readonly ttl?: boolean;
  /** Milliseconds until a missing server is `unavailable`. */
  readonly patienceMs?: number;
}

/**
 * Connects and makes missing indexes. Writes are answered when a majority has them in its journal, reads see only such
 * writes, both from the primary: what the URI says of these is overruled. Rejects when there is no server.
 */
export async function openMongo(options: MongoOptions): Promise<MongoDatabase> {
  const patience = options.patienceMs ?? 5000;
  const client = new MongoClient(options.uri, {
    retryWrites: true,
    retryReads: true,
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: 2 * patience },
    readConcern: { level: 'majority' },
    readPreference: 'primary',
    promoteBuffers: true,
    ignoreUndefined: true,
    serverSelectionTimeoutMS: patience,
    connectTimeoutMS: patience,
    socketTimeoutMS: 4 * patience,
  });
  const db = client.db(options.database ?? (namesDatabase(options.uri) ? client.options.dbName : 'sotto'));
  try {
    await client.connect();
    const lesserIndexes = await ensureIndexes(db, options.ttl ?? true);
    return {
      entries: db.collection('log_entries'),
      inboxItems: db.collection('inbox_items'),
      accounts: db.collection('accounts'),
      accountSteps: db.collection('chain_statements'),
      accountRecords: db.collection('account_records'),
      sessions: db.collection('sessions'),
      refreshes: db.collection('refreshes'),
      keyPackages: db.collection('key_packages'),
      claimed: db.collection('claimed_key_packages'),
      lastResorts: db.collection('last_resort_key_packages'),
      codes: db.collection('codes'),
      codeTries: db.collection('code_tries'),
      claims: db.collection('claims'),
      mail: db.collection('mail'),
      invites: db.collection('invites'),
      counters: db.collection('counters'),
      probes: db.collection('probe'),
      lesserIndexes,
      close: () => client.close(),
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}

function namesDatabase(uri: string): boolean {
  return /^[^:]+:\/\/[^/]*\/[^?]/.test(uri);
}
