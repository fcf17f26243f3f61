import { LIMITS } from '@sotto/protocol';

/** Caps on what an attacker may make us decode, checked before the first byte is read. Bytes unless named otherwise. */
export const CAPS = {
  message: LIMITS.messageBody,
  commit: LIMITS.commitBody,
  welcome: LIMITS.welcomeBody,
  keyPackage: LIMITS.keyPackage,
  /** Leaves of one tree, and so proposals of one commit and secrets of one Welcome. */
  leaves: 1024,
  /** What `sealMessage` takes: padded and framed it still fits `message`. */
  payload: 60_000,
  title: 256,
} as const;

export const GROUP_ID_BYTES = 32;
export const ID_BYTES = 16;

/** Lifetimes, in seconds (RFC 9420 §7.2). A margin before `now`, because clocks differ. */
export const LIFETIME = {
  margin: 3600,
  own: 84 * 24 * 3600,
  /** A KeyPackage that claims to live longer than this is refused. */
  longest: 90 * 24 * 3600,
} as const;

/**
 * Generations of one sender (RFC 9420 §9). The log has one total order, so gaps come only from entries that a sender
 * sealed and never got in: few keys are kept, and a sender cannot make receivers ratchet for long.
 */
export const GENERATIONS = { kept: 16, forward: 256 } as const;

/** Private-use GroupContext extension that holds the conversation's settings. */
export const SETTINGS_EXTENSION = 0xfa50;
