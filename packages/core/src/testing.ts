/** What simulations and tests of other packages build a core from. */
export {
  type AlarmView,
  type Chat,
  ChatError,
  type ChatSnapshot,
  type ConversationView,
  type MessageView,
} from './chat/chat.ts';
export type { Clock, Random } from './chat/clock.ts';
export { createChat } from './chat/create-chat.ts';
export type { ChatDeps } from './chat/deps.ts';
export { createFetchHttp } from './drivers/fetch-http.ts';
export { openIndexedDbRecordStore } from './drivers/indexeddb-record-store.ts';
export { type CallRelay, createMemoryHttp } from './drivers/memory-http.ts';
export { type ConnectRelay, createMemoryLink } from './drivers/memory-link.ts';
export { createMemoryDisk, type MemoryDisk } from './drivers/memory-record-store.ts';
export { createSocketLink } from './drivers/socket-link.ts';
export { createSystemClock } from './drivers/system-clock.ts';
export type { RelayHttp, RelayLink } from './link/relay-link.ts';
export type { DeviceIdentity, Mls, MlsGroup } from './mls/door.ts';
export { createMls } from './mls/mls.ts';
export { type RecordStore, StoreError } from './store/record-store.ts';
