import { type Email, email, LIMITS } from '@sotto/protocol';
import { z } from 'zod';
import { LOG_LEVELS, type LogChoice, readLogChoice } from './open-log.ts';

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
  /** Who may make an account: anybody, who has an invitation, nobody. */
  readonly registration: 'open' | 'invite' | 'closed';
  /** Accounts are made only with an address that was proved. */
  readonly requireEmail: boolean;
  /** Undefined: this relay sends no mail. */
  readonly mail: MailConfig | undefined;
  /** How long a code by mail serves. */
  readonly codeSeconds: number;
  /** What nodes share beside a database. Secret, for it may hold a password. */
  readonly redisUrl: string | undefined;
  readonly trustedProxies: readonly string[];
  readonly log: LogChoice;
  /** What opens `/metrics` from elsewhere than this machine. Secret. */
  readonly metricsToken: string | undefined;
}

/** Where mail goes out. `console`: mails are printed, for development. */
export type MailConfig = { readonly server: 'console' } | SmtpConfig;

export interface SmtpConfig {
  readonly server: string;
  /** 465 speaks TLS at once, every other port STARTTLS. */
  readonly port: number;
  readonly username?: string;
  /** Secret. */
  readonly password?: string;
  /** Sender; undefined: the user name when it is an address, else `sotto` at the public host. */
  readonly from?: Email;
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

/** No control characters: what is sent to a mail server in one line stays one. */
const ONE_LINE = /^[^\p{Cc}]+$/u;

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
  SOTTO_LOG: {
    schema: z
      .string()
      .default('info')
      .transform(readLogChoice)
      .refine((choice) => choice !== undefined),
    wants: `json or pretty, one of ${LOG_LEVELS.join(', ')}, or both as pretty:warn`,
  },
  SOTTO_METRICS_TOKEN: {
    schema: z
      .string()
      .min(16)
      .max(4096)
      .regex(/^[!-~]+$/)
      .optional(),
    wants: 'at least 16 characters without spaces',
  },
  JWT_SECRET: {
    schema: z
      .string()
      .transform((text) => new TextEncoder().encode(text))
      .refine((bytes) => bytes.length >= 32)
      .optional(),
    wants: 'at least 32 bytes',
  },
  SOTTO_REGISTRATION: {
    schema: z.enum(['open', 'invite', 'closed']).default('open'),
    wants: 'open, invite or closed',
  },
  SOTTO_REQUIRE_EMAIL: {
    schema: z
      .enum(['0', '1'])
      .transform((text) => text === '1')
      .default(false),
    wants: '0 or 1',
  },
  MAIL_SERVER: {
    schema: z
      .string()
      .max(255)
      .regex(/^([a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?|[0-9a-fA-F:]+)$/)
      .optional(),
    wants: 'the name or address of a mail server, or console',
  },
  MAIL_PORT: {
    schema: count(65_535)
      .refine((port) => port > 0)
      .default(587),
    wants: 'a port from 1 to 65535; 465 speaks TLS at once, others STARTTLS',
  },
  MAIL_USERNAME: { schema: z.string().max(320).regex(ONE_LINE).optional(), wants: 'a user name in one line' },
  MAIL_PASSWORD: { schema: z.string().max(4096).regex(ONE_LINE).optional(), wants: 'a password in one line' },
  MAIL_FROM: { schema: email.optional(), wants: 'a plain address, such as sotto@example.org' },
  OTP_TTL_SECONDS: {
    schema: count(LIMITS.codeSecondsMax)
      .refine((seconds) => seconds >= 60)
      .default(300),
    wants: `seconds that a code by mail serves, from 60 to ${LIMITS.codeSecondsMax}`,
  },
  REDIS_URL: {
    schema: z
      .string()
      .regex(/^rediss?:\/\/[^\s/?#]+/)
      .refine((text) => URL.canParse(text))
      .optional(),
    wants: 'redis://host:port, or rediss:// for TLS',
  },
} as const satisfies Record<string, { schema: z.ZodType; wants: string }>;

export const SETTINGS: readonly string[] = Object.keys(VARIABLES);

/** Settings of this repository's own test run, which starts relays with its whole environment. */
const OF_TESTS = ['SOTTO_CHROMIUM', 'SOTTO_SEEDS', 'SOTTO_ROUNDS'];

/** Reads the configuration of the process. Throws `ConfigError`. */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  for (const name of Object.keys(environment)) {
    if (name.startsWith('SOTTO_') && !Object.hasOwn(VARIABLES, name) && !OF_TESTS.includes(name)) {
      throw new ConfigError(name, 'there is no such setting');
    }
  }
  const read: Read = (name) => {
    // An empty variable is an unset one: compose files write them so.
    const parsed = VARIABLES[name].schema.safeParse(environment[name] || undefined);
    if (!parsed.success) throw new ConfigError(name, `expected ${VARIABLES[name].wants}`);
    return parsed.data as never;
  };
  const mongoUri = read('MONGO_URI');
  const chosen = read('SOTTO_STORE');
  if (mongoUri !== undefined && chosen !== undefined) {
    throw new ConfigError('SOTTO_STORE', `expected ${VARIABLES.SOTTO_STORE.wants}`);
  }
  const mail = readMail(read);
  const requireEmail = read('SOTTO_REQUIRE_EMAIL');
  if (requireEmail && mail === undefined) {
    throw new ConfigError(
      'SOTTO_REQUIRE_EMAIL',
      'there is no mail server to prove addresses with: set MAIL_SERVER',
    );
  }
  const registrationsPerHour = read('SOTTO_REGISTRATIONS_PER_HOUR');
  return {
    host: read('HOST'),
    port: read('PORT'),
    publicUrl: read('PUBLIC_URL')?.replace(/\/$/, ''),
    dataDir: read('SOTTO_DATA_DIR'),
    store: mongoUri === undefined ? (chosen ?? 'sqlite') : 'mongodb',
    mongoUri,
    jwtSecret: read('JWT_SECRET'),
    directory: read('SOTTO_DIRECTORY'),
    registrationsPerHour,
    registration: registrationsPerHour === 0 ? 'closed' : read('SOTTO_REGISTRATION'),
    requireEmail,
    mail,
    codeSeconds: read('OTP_TTL_SECONDS'),
    redisUrl: read('REDIS_URL'),
    trustedProxies: read('SOTTO_TRUSTED_PROXIES'),
    log: read('SOTTO_LOG'),
    metricsToken: read('SOTTO_METRICS_TOKEN'),
  };
}

type Read = <N extends keyof typeof VARIABLES>(name: N) => z.infer<(typeof VARIABLES)[N]['schema']>;

/** All of it is read, so that a bad value is named also where it would not matter. */
function readMail(read: Read): MailConfig | undefined {
  const server = read('MAIL_SERVER');
  const [port, username, password] = [read('MAIL_PORT'), read('MAIL_USERNAME'), read('MAIL_PASSWORD')];
  const from = read('MAIL_FROM');
  if (server === undefined) {
    if (username === undefined && password === undefined && from === undefined) return undefined;
    throw new ConfigError('MAIL_SERVER', 'is missing, and other MAIL_ settings are there');
  }
  if (server === 'console') return { server };
  if (username === undefined && password !== undefined) {
    throw new ConfigError('MAIL_USERNAME', 'is missing, and MAIL_PASSWORD is there');
  }
  if (username !== undefined && password === undefined) {
    throw new ConfigError('MAIL_PASSWORD', 'is missing, and MAIL_USERNAME is there');
  }
  return {
    server,
    port,
    ...(username !== undefined && password !== undefined && { username, password }),
    ...(from !== undefined && { from }),
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
