import { z } from 'zod';

/** What the operator chose. Every value is checked; names follow the system that Sotto replaces. */
export interface Config {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Undefined: `http://localhost:<port>`. */
  readonly publicUrl: string | undefined;
  readonly dataDir: string;
  readonly store: 'sqlite' | 'memory' | 'mongodb';
  /** With `mongodb`: where it is. Secret, for it may hold a password. */
  readonly mongoUri: string | undefined;
  /** Signs access tokens; undefined: made once and kept in the data folder. Secret. */
  readonly jwtSecret: Uint8Array | undefined;
  readonly directory: 'exact' | 'open';
  readonly registrationsPerHour: number;
  readonly trustedProxies: readonly string[];
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** A start that cannot be: one line that names the variable, and never quotes a secret. */
export class ConfigError extends Error {
  readonly variable: string;

  constructor(variable: string, problem: string) {
    super(`${variable}: ${problem}`);
    this.name = 'ConfigError';
    this.variable = variable;
  }
}

const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;

const count = (most: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number)
    .refine((value) => value <= most);

/** Each variable: how it reads, and what to say when it does not. */
const VARIABLES = {
  HOST: { schema: z.string().min(1).max(255).default('127.0.0.1'), wants: 'an address to listen on' },
  PORT: { schema: count(65_535).default(3000), wants: 'a port from 0 to 65535' },
  PUBLIC_URL: {
    schema: z.string().refine(isPublicOrigin).optional(),
    wants: 'https://host, or http://localhost:port for a trial, without a path',
  },
  SOTTO_DATA_DIR: { schema: z.string().min(1).default('./data'), wants: 'a folder' },
  SOTTO_STORE: {
    schema: z.enum(['sqlite', 'memory']).optional(),
    wants: 'sqlite or memory, and no MONGO_URI beside it',
  },
  MONGO_URI: {
    schema: z
      .string()
      .regex(/^mongodb(\+srv)?:\/\/[^\s/?]+/)
      .optional(),
    wants: 'mongodb://host:port/database, or mongodb+srv://',
  },
  SOTTO_DIRECTORY: { schema: z.enum(['exact', 'open']).default('exact'), wants: 'exact or open' },
  SOTTO_REGISTRATIONS_PER_HOUR: {
    schema: count(999_999).default(30),
    wants: 'new accounts per network and hour; 0 closes registration',
  },
  SOTTO_TRUSTED_PROXIES: {
    schema: z
      .string()
      .regex(/^[0-9a-fA-F.:/]+(,[0-9a-fA-F.:/]+)*$/)
      .transform((list) => list.split(','))
      .default([]),
    wants: 'addresses or networks of reverse proxies, with commas between',
  },
  SOTTO_LOG: { schema: z.enum(LOG_LEVELS).default('info'), wants: `one of ${LOG_LEVELS.join(', ')}` },
  JWT_SECRET: {
    schema: z
      .string()
      .transform((text) => new TextEncoder().encode(text))
      .refine((bytes) => bytes.length >= 32)
      .optional(),
    wants: 'at least 32 bytes',
  },
} as const satisfies Record<string, { schema: z.ZodType; wants: string }>;

/** Known by name from the system that Sotto replaces. Silence about them would be a promise. */
const NOT_YET = [
  'REDIS_URL',
  'MAIL_SERVER',
  'MAIL_PORT',
  'MAIL_USERNAME',
  'MAIL_PASSWORD',
  'OTP_TTL_SECONDS',
];

/** Settings of this repository's own test run, which starts relays with its whole environment. */
const OF_TESTS = ['SOTTO_CHROMIUM', 'SOTTO_SEEDS', 'SOTTO_ROUNDS'];

/** Reads the configuration of the process. Throws `ConfigError`. */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  for (const name of NOT_YET) {
    if (environment[name]) throw new ConfigError(name, 'not supported yet: remove it');
  }
  for (const name of Object.keys(environment)) {
    if (name.startsWith('SOTTO_') && !Object.hasOwn(VARIABLES, name) && !OF_TESTS.includes(name)) {
      throw new ConfigError(name, 'there is no such setting');
    }
  }
  const read = <N extends keyof typeof VARIABLES>(name: N): z.infer<(typeof VARIABLES)[N]['schema']> => {
    // An empty variable is an unset one: compose files write them so.
    const parsed = VARIABLES[name].schema.safeParse(environment[name] || undefined);
    if (!parsed.success) throw new ConfigError(name, `expected ${VARIABLES[name].wants}`);
    return parsed.data as z.infer<(typeof VARIABLES)[N]['schema']>;
  };
  const mongoUri = read('MONGO_URI');
  const chosen = read('SOTTO_STORE');
  if (mongoUri !== undefined && chosen !== undefined) {
    throw new ConfigError('SOTTO_STORE', `expected ${VARIABLES.SOTTO_STORE.wants}`);
  }
  return {
    host: read('HOST'),
    port: read('PORT'),
    publicUrl: read('PUBLIC_URL')?.replace(/\/$/, ''),
    dataDir: read('SOTTO_DATA_DIR'),
    store: mongoUri === undefined ? (chosen ?? 'sqlite') : 'mongodb',
    mongoUri,
    jwtSecret: read('JWT_SECRET'),
    directory: read('SOTTO_DIRECTORY'),
    registrationsPerHour: read('SOTTO_REGISTRATIONS_PER_HOUR'),
    trustedProxies: read('SOTTO_TRUSTED_PROXIES'),
    logLevel: read('SOTTO_LOG'),
  };
}

/** Browsers give a page its cryptography on https and on this machine only. */
function isPublicOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.origin !== text.replace(/\/$/, '')) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLocalhost(url.hostname));
}

function isLocalhost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}
