export { compareBytes, decodeBase64Url, decodeHex, encodeBase64Url, encodeHex, equalBytes } from './bytes.ts';
export { CBOR_TYPE, decodeCbor, encodeCbor } from './cbor.ts';
export { decodeRun, ENTRY_HEADER, type Entry, type EntryKind, encodeRun, entrySize } from './entry.ts';
export { ERRORS, type ErrorCode, isErrorCode, type Refusal } from './errors.ts';
export {
  type AckOf,
  type AnswerOf,
  type ClientToRelay,
  type Delivery,
  type Handshake,
  handshake,
  type LogHead,
  NOTICES,
  type NoticeName,
  type NoticeOf,
  REQUESTS,
  type RelayToClient,
  type RequestName,
  type RequestOf,
  refusal,
} from './events.ts';
export {
  type AccessToken,
  type AccountId,
  accessToken,
  accountId,
  bytes,
  counter,
  type DeviceId,
  deviceId,
  type EntryId,
  entryId,
  type LogId,
  logId,
  type TokenHash,
  time,
  tokenHash,
  type Username,
  username,
} from './ids.ts';
export { decodeInboxRun, encodeInboxRun, type InboxItem } from './inbox.ts';
export { LIMITS } from './limits.ts';
export { OPAQUE_KEY_STRETCHING, opaqueServerIdentifier } from './opaque.ts';
export type { User } from './routes/directory.ts';
export {
  type Email,
  email,
  type FactorMethod,
  type FactorProof,
  type Session,
  type Vault,
  type VaultUpdate,
} from './routes/shapes.ts';
export {
  ROUTES,
  type RouteBody,
  type RouteName,
  type RouteParams,
  type RouteQuery,
  type RouteResponse,
} from './routes.ts';
export { PROTOCOL_VERSION } from './version.ts';
