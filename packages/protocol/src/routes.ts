import type { z } from 'zod';
import { ACCOUNT_ROUTES } from './routes/account.ts';
import { DIRECTORY_ROUTES } from './routes/directory.ts';
import { SIGN_IN_ROUTES } from './routes/sign-in.ts';

/**
 * Every HTTP route: method, path, who may call it, and the shapes of params, query, body and answer. Bodies and answers
 * are CBOR (`application/cbor`), so that bytes are bytes. Refusals are `{ok: false, code, retryAfter?}` with the
 * catalogue's status.
 */
export const ROUTES = { ...SIGN_IN_ROUTES, ...ACCOUNT_ROUTES, ...DIRECTORY_ROUTES } as const;

export type RouteName = keyof typeof ROUTES;
type Shape<R, K extends string> = R extends Record<K, infer S extends z.ZodType> ? z.infer<S> : undefined;
export type RouteBody<N extends RouteName> = Shape<(typeof ROUTES)[N], 'body'>;
export type RouteQuery<N extends RouteName> = Shape<(typeof ROUTES)[N], 'query'>;
export type RouteParams<N extends RouteName> = Shape<(typeof ROUTES)[N], 'params'>;
export type RouteResponse<N extends RouteName> = Shape<(typeof ROUTES)[N], 'response'>;
