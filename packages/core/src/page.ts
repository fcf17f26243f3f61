/** The page's door: verbs and snapshots over the worker's port. No engine, no schemas, no keys. */
import type { PageToWorker, Port, WorkerToPage } from './bridge/messages.ts';
import { createPageChat } from './bridge/page-client.ts';
import type { Chat } from './chat/chat.ts';

export type {
  AccountNoticeView,
  DevicesView,
  DeviceView,
  FactorMethod,
  PasskeyView,
  PasswordVerdict,
  ProofInput,
  RelayView,
  ResetStep,
  RestoreInput,
  RestoreWay,
  SecurityView,
  SignInStep,
} from './chat/account-verbs.ts';
export { PRF_SALT } from './chat/account-verbs.ts';
export {
  type AccountHex,
  type AlarmKind,
  type AlarmView,
  type Chat,
  ChatError,
  type ChatErrorCode,
  type ChatSnapshot,
  type ConnectionView,
  type ConversationKey,
  type ConversationView,
  type MessageState,
  type MessageView,
  type PersonView,
  type RelayRowView,
  type SafetyNumberView,
  type SessionView,
  type VerbName,
  type Verbs,
} from './chat/chat.ts';

/**
 * The chat that runs in `worker` (the script of `@sotto/core/worker`). Calls may be made at once, they wait for it; all
 * reject with `internal` when the script does not load.
 */
export function connectChat(worker: Worker): Chat {
  let spoke = false;
  const port: Port<PageToWorker, WorkerToPage> = {
    post: (message) => worker.postMessage(message),
    onMessage(handler) {
      worker.addEventListener('message', ({ data }) => {
        spoke = true;
        handler(data as WorkerToPage);
      });
    },
  };
  const chat = createPageChat(port, () => navigator.storage.persist().catch(() => false));
  // Later errors are of one timer or event in the worker, which goes on.
  worker.addEventListener('error', (event) => {
    if (!spoke) chat.fail(event);
  });
  return chat;
}
