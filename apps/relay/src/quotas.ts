/**
 * How much one address or account may ask of this relay. What clients must know of it stands in protocol's LIMITS; this
 * is the operator's side, and tests turn it up.
 */
export interface Quotas {
  /** New accounts from one network in an hour. 0 closes registration. */
  readonly registrationsPerHour: number;
  /** Directory, chain and name look-ups of one account in a minute. */
  readonly lookupsPerMinute: number;
  /** KeyPackage uploads and chain statements of one account in an hour. */
  readonly writesPerHour: number;
  /** Failed sign-ins to one name from one network before each further one has to wait, longer each time. */
  readonly freeAttempts: number;
  /** Names looked up by one account in an hour that nobody has: who seeks people knows their names, who lists them guesses. */
  readonly missesPerHour: number;
  /** Mails with a code in an hour: that one network asks for, that it asks for to one mailbox, and of all together. */
  readonly mailsPerNetwork: number;
  readonly mailsPerMailbox: number;
  readonly mailsPerHour: number;
  /** What a proof of work costs. `light`: for tests, next to nothing. Never off. */
  readonly work: 'normal' | 'light';
}

export const DEFAULT_QUOTAS: Quotas = {
  registrationsPerHour: 30,
  lookupsPerMinute: 600,
  writesPerHour: 240,
  freeAttempts: 5,
  missesPerHour: 120,
  mailsPerNetwork: 30,
  mailsPerMailbox: 5,
  mailsPerHour: 3000,
  work: 'normal',
};
