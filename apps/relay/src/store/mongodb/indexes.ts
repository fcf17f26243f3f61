import { type CreateIndexesOptions, type Db, MongoServerError } from 'mongodb';

interface Index {
  readonly collection: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly options: CreateIndexesOptions & { readonly name: string };
}

/** Refresh hashes are known this long after they would have expired by themselves. */
export const REFRESH_GRACE_SECONDS = 7 * 24 * 3600;

/** Claims stay this long past their time: a node whose clock is behind still finds them. */
export const CLAIM_GRACE_SECONDS = 3600;

/**
 * Every index, made at start when it is missing. One that has shipped is never changed in place: a new name, and a line
 * that drops the old one. On a sharded cluster shard `log_entries` by `{ log: 1 }` and `inbox_items` by `{ inbox: 1 }`.
 */
const INDEXES: readonly Index[] = [
  { collection: 'log_entries', key: { log: 1, seq: 1 }, options: { name: 'position', unique: true } },
  { collection: 'log_entries', key: { log: 1, id: 1 }, options: { name: 'id', unique: true } },
  {
    collection: 'log_entries',
    key: { log: 1, opens: 1 },
    options: { name: 'epochs', partialFilterExpression: { opens: { $exists: true } } },
  },
  { collection: 'log_entries', key: { expiresAt: 1 }, options: { name: 'expiry', sparse: true } },
  { collection: 'log_entries', key: { 'pending.inbox': 1 }, options: { name: 'pending', sparse: true } },
  {
    collection: 'log_entries',
    key: { keepUntil: 1 },
    options: { name: 'spent', expireAfterSeconds: 0, partialFilterExpression: { spent: true } },
  },
  { collection: 'inbox_items', key: { inbox: 1, seq: 1 }, options: { name: 'position', unique: true } },
  { collection: 'inbox_items', key: { inbox: 1, expiryDay: 1 }, options: { name: 'fresh' } },
  { collection: 'inbox_items', key: { expiryDay: 1 }, options: { name: 'expiry', sparse: true } },
  {
    collection: 'inbox_items',
    key: { keepUntil: 1 },
    options: { name: 'spent', expireAfterSeconds: 0, partialFilterExpression: { spent: true } },
  },
  { collection: 'accounts', key: { account: 1 }, options: { name: 'account', unique: true } },
  {
    collection: 'chain_statements',
    key: { account: 1, seq: 1 },
    options: { name: 'position', unique: true },
  },
  {
    collection: 'accounts',
    key: { invite: 1, inviteUse: 1 },
    options: { name: 'invite', unique: true, partialFilterExpression: { invite: { $exists: true } } },
  },
  {
    collection: 'chain_statements',
    key: { account: 1, version: 1 },
    options: { name: 'version', unique: true, partialFilterExpression: { version: { $exists: true } } },
  },
  {
    collection: 'account_records',
    key: { account: 1, kind: 1, version: 1 },
    options: { name: 'version', unique: true },
  },
  { collection: 'chain_statements', key: { pending: 1 }, options: { name: 'pending', sparse: true } },
  {
    collection: 'sessions',
    key: { account: 1, device: 1, turn: 1 },
    options: { name: 'turn', unique: true },
  },
  { collection: 'refreshes', key: { session: 1, generation: 1 }, options: { name: 'order', unique: true } },
  {
    collection: 'refreshes',
    key: { expiresAt: 1 },
    options: { name: 'expiry', expireAfterSeconds: REFRESH_GRACE_SECONDS },
  },
  { collection: 'key_packages', key: { device: 1, place: 1 }, options: { name: 'place' } },
  { collection: 'claimed_key_packages', key: { device: 1 }, options: { name: 'device' } },
  { collection: 'codes', key: { code: 1, generation: 1 }, options: { name: 'generation', unique: true } },
  { collection: 'codes', key: { expiresAt: 1 }, options: { name: 'expiry', expireAfterSeconds: 0 } },
  { collection: 'code_tries', key: { expiresAt: 1 }, options: { name: 'expiry', expireAfterSeconds: 0 } },
  {
    collection: 'claims',
    key: { expiresAt: 1 },
    options: { name: 'expiry', expireAfterSeconds: CLAIM_GRACE_SECONDS },
  },
  { collection: 'mail', key: { mail: 1, attempt: 1 }, options: { name: 'attempt', unique: true } },
  { collection: 'mail', key: { dueAt: 1 }, options: { name: 'due' } },
  { collection: 'mail', key: { expiresAt: 1 }, options: { name: 'expiry', expireAfterSeconds: 0 } },
  { collection: 'counters', key: { forgottenAt: 1 }, options: { name: 'expiry', expireAfterSeconds: 0 } },
  { collection: 'counters', key: { lastAt: 1 }, options: { name: 'last' } },
];

const NOT_IMPLEMENTED = 238;

/**
 * Makes what is missing. Answers the names of indexes that the server makes only without expiry or filter: uniqueness is
 * never given up, the sweep does what expiry would. `ttl` false leaves expiry to the sweep, for a clock that is not the
 * server's.
 */
export async function ensureIndexes(db: Db, ttl: boolean): Promise<string[]> {
  const lesser: string[] = [];
  for (const { collection, key, options } of INDEXES) {
    const { expireAfterSeconds, ...rest } = options;
    const wanted = ttl ? options : rest;
    try {
      await db.createIndex(collection, key, wanted);
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== NOT_IMPLEMENTED) throw error;
      const { partialFilterExpression, ...plain } = rest;
      await db.createIndex(collection, key, plain);
      lesser.push(`${collection}.${options.name}`);
    }
  }
  return lesser;
}
