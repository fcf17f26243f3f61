import { z } from 'zod';

/** A byte string of exactly `length` bytes, or of a range. Checked before anything reads it. */
export function bytes(minimum: number, maximum: number = minimum) {
  return z.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && value.length >= minimum && value.length <= maximum,
    { error: `expected ${minimum === maximum ? minimum : `${minimum} to ${maximum}`} bytes` },
  );
}

/** A count that fits a double exactly: sequence numbers, epochs, times. */
export const counter = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** The last moment that a calendar of JavaScript can name: formatting a later one throws, wherever it is shown. */
export const LATEST_TIME = 8.64e15;

/** Milliseconds since 1970. */
export const time = z.int().min(0).max(LATEST_TIME);

/** An account: 16 random bytes, chosen by its owner. */
export const accountId = bytes(16).brand<'AccountId'>();
export type AccountId = z.infer<typeof accountId>;

/** A device of an account: 16 random bytes. Means something only together with its account. */
export const deviceId = bytes(16).brand<'DeviceId'>();
export type DeviceId = z.infer<typeof deviceId>;

/** A conversation log, and the MLS group id of its group: 32 random bytes chosen by its creator. */
export const logId = bytes(32).brand<'LogId'>();
export type LogId = z.infer<typeof logId>;

/** An entry: 16 random bytes chosen by its author's client; makes a retry idempotent. */
export const entryId = bytes(16).brand<'EntryId'>();
export type EntryId = z.infer<typeof entryId>;

/** What opens a log in one epoch: MLS exporter("sotto log access", log id, 32). Secret. */
export const accessToken = bytes(32).brand<'AccessToken'>();
export type AccessToken = z.infer<typeof accessToken>;

/** SHA-256 of an access token: all the relay keeps of it. */
export const tokenHash = bytes(32).brand<'TokenHash'>();
export type TokenHash = z.infer<typeof tokenHash>;

/** Names an account at this relay. The relay's claim, never proof of who it is. */
export const username = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{2,31}$/)
  .brand<'Username'>();
export type Username = z.infer<typeof username>;
