/** Every size, rate and quota of the protocol, in one place. Bytes unless the name says otherwise. */
export const LIMITS = {
  /** Body of a message entry, sealed and padded. */
  messageBody: 64 * 1024,
  /** Body of a commit entry: an update path of a large post-quantum group. */
  commitBody: 1024 * 1024,
  /** One Welcome, with its ratchet tree. */
  welcomeBody: 1024 * 1024,
  /** Welcomes that go with one commit. */
  welcomesPerCommit: 64,
  /** One answer or live frame of entries: the relay stops filling a run past this size. */
  run: 512 * 1024,
  /** Entries in one run. */
  runEntries: 1000,
  /** One socket frame from a client, headers included. */
  socketFrame: 3 * 1024 * 1024,
  /** One HTTP body. */
  httpBody: 2 * 1024 * 1024,
  /** One KeyPackage (X-Wing: about 2.5 kB). */
  keyPackage: 16 * 1024,
  keyPackagesPerUpload: 100,
  keyPackagesPerDevice: 100,
  /** Below this many one-time KeyPackages the relay asks the device for more. */
  keyPackagesLow: 25,
  /** Claims of one account's KeyPackages by one other account. */
  claimsPerHour: 60,
  /** One chain statement. */
  statement: 1024,
  /** Statements of one chain. */
  statementsPerChain: 4096,
  /** The sealed vault record an account leaves at the relay. */
  vault: 4096,
  /** A ticket as the relay seals it. */
  ticket: 2048,
  /** A sealed name of a device or passkey. */
  label: 256,
  email: 254,
  /** JSON of one WebAuthn exchange, and of one proof of work. Characters. */
  webAuthn: 8192,
  work: 4096,
  credentialId: 1023,
  passkeys: 20,
  recoveryCodes: 10,
  listedSessions: 200,
  labels: 200,
  signIns: 20,
  /** Wrong codes that one ticket takes. */
  codeTries: 5,
  /** One OPAQUE message. */
  opaqueMessage: 1024,
  /** Unread items in one inbox. */
  inboxItems: 1000,
  /** Items that one account may leave in the inboxes of one other in a day: nobody fills an inbox alone. */
  deliveriesPerDay: 256,
  /** Logs that one account may create in a day. */
  logsPerDay: 1000,
  /** Appends of one socket: sustained per second and burst. */
  appendsPerSecond: 200,
  appendsBurst: 2000,
  /** Subscriptions of one socket. */
  subscriptions: 4096,
  usernameMin: 3,
  usernameMax: 32,
  /** Names in one page of an open directory. */
  usersPage: 100,
  entryDaysDefault: 30,
  entryDaysMax: 365,
  /** Lifetimes, in seconds. */
  accessTokenSeconds: 600,
  refreshTokenSeconds: 30 * 24 * 3600,
  loginTicketSeconds: 60,
  /** A second factor, or a proof of an address: with `OTP_TTL_SECONDS` as set by the operator, at most this. */
  codeSecondsMax: 3600,
  /** Proofs that somebody entered their password again. */
  confirmationSeconds: 300,
  /** A session on a shared computer, after it was last renewed. */
  sharedSessionSeconds: 900,
} as const;
