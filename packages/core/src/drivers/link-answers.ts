import {
  type AckOf,
  isErrorCode,
  NOTICES,
  type NoticeName,
  type NoticeOf,
  REQUESTS,
  type RequestName,
} from '@sotto/protocol';
import type { z } from 'zod';
import type { Unreachable } from '../link/relay-link.ts';
import { readRefusal } from './http-exchange.ts';

/** An ack as the request's schema has it. The value is the relay's: anything else is `malformed_answer`. */
export function readAck<N extends RequestName>(name: N, value: unknown): AckOf<N> | Unreachable {
  const schema: z.ZodType = REQUESTS[name].answer;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data as AckOf<N>;
  return readRefusal(value) ?? { ok: false, code: 'malformed_answer' };
}

/** A notice as its schema has it; undefined for unknown names and other shapes, which are dropped. */
export function readNotice(
  name: unknown,
  value: unknown,
): { readonly name: NoticeName; readonly notice: NoticeOf<NoticeName> } | undefined {
  if (!isNoticeName(name)) return undefined;
  const parsed = NOTICES[name].safeParse(value);
  return parsed.success ? { name, notice: parsed.data } : undefined;
}

/** Why a handshake failed: a code of the catalogue, or `offline` for whatever else is said or not said. */
export function readHandshakeRefusal(code: unknown): string {
  return typeof code === 'string' && isErrorCode(code) ? code : 'offline';
}

function isNoticeName(name: unknown): name is NoticeName {
  return typeof name === 'string' && Object.hasOwn(NOTICES, name);
}
