/**
 * Checked before anything is decoded or hashed: the relay chooses how many statements it sends and how long they are.
 * `statements` bounds the signatures that one answer can make a client verify; `statementBytes` is about three times
 * the longest statement of version 1 (`create`, 320 bytes).
 */
export const CHAIN_LIMITS = Object.freeze({ statements: 4096, statementBytes: 1024, stateBytes: 512 * 1024 });
