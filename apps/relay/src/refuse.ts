import type { ErrorCode, Refusal } from '@sotto/protocol';

/** A refusal of the catalogue. `retryAfter` in seconds. */
export function refuse(code: ErrorCode, retryAfter?: number): Refusal {
  return retryAfter === undefined ? { ok: false, code } : { ok: false, code, retryAfter };
}

/** Tells a refusal from whatever else a function answers. */
export function isRefusal(answer: object): answer is Refusal {
  return 'ok' in answer && answer.ok === false;
}
