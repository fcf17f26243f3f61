import { CBOR_TYPE, ERRORS, type ErrorCode, encodeCbor, type Refusal } from '@sotto/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { StoreError } from '../store/store-error.ts';

/** Answers a refusal with its catalogue status: CBOR like every answer, JSON for who asks for text. */
export function sendRefusal(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { code, retryAfter } = refusal;
  const body = retryAfter === undefined ? { ok: false, code } : { ok: false, code, retryAfter };
  reply.code(ERRORS[code].status).header('x-sotto-code', code);
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  if (wantsText(request.headers.accept)) return reply.type('application/json').send(JSON.stringify(body));
  return reply.type(CBOR_TYPE).send(Buffer.from(encodeCbor(body)));
}

function wantsText(accept: string | undefined): boolean {
  if (accept === undefined || accept.includes(CBOR_TYPE)) return false;
  return accept.includes('application/json') || accept.includes('text/');
}

/** The code for whatever a request ran into. An error's own text never leaves: it may quote what the client sent. */
export function codeOf(error: unknown): ErrorCode {
  if (error instanceof StoreError) return error.code;
  const { code, statusCode } = readFastifyError(error);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'too_large';
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return 'unsupported_media_type';
  if (statusCode === 503) return 'unavailable';
  return statusCode >= 400 && statusCode < 500 ? 'bad_request' : 'internal';
}

function readFastifyError(error: unknown): { code: unknown; statusCode: number } {
  if (!(error instanceof Error)) return { code: undefined, statusCode: 500 };
  const code = 'code' in error ? error.code : undefined;
  const statusCode = 'statusCode' in error ? error.statusCode : undefined;
  return { code, statusCode: typeof statusCode === 'number' ? statusCode : 500 };
}
