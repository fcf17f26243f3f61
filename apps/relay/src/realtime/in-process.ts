import { handshake, PROTOCOL_VERSION, type RequestName } from '@sotto/protocol';
import type { Connections } from './connections.ts';
import type { Authenticate, Peer } from './session.ts';

/** What a client in this process hears unasked. */
export interface ListenerEvents {
  notice(name: string, notice: unknown): void;
  /** The relay cut the connection. */
  down(): void;
}

/** The client's end of a connection in this process. */
interface InProcessPeer {
  request(name: string, request: unknown): Promise<unknown>;
  close(): void;
}

export type InProcessAnswer =
  | { readonly ok: true; readonly peer: InProcessPeer }
  | { readonly ok: false; readonly code: string };

/**
 * Connects without a socket, with the handshake's checks and everything behind them: for simulations. Bytes are copied
 * both ways, as a network would, so that neither side can change what the other holds. Notices come in a later turn.
 */
export function createInProcessDoor(
  connections: Connections,
  authenticate: Authenticate,
): (
  shown: { readonly token: string; readonly protocol: number },
  events: ListenerEvents,
) => Promise<InProcessAnswer> {
  return async (shown, events) => {
    const parsed = handshake.safeParse(shown);
    if (!parsed.success) return { ok: false, code: 'bad_request' };
    if (parsed.data.protocol !== PROTOCOL_VERSION) return { ok: false, code: 'version_unsupported' };
    const session = await authenticate(parsed.data.token);
    if (!('account' in session)) return { ok: false, code: session.code };
    let open = true;
    const shut = (): void => {
      open = false;
      connection.close();
    };
    const peer: Peer = {
      notify(name, notice) {
        const copy = structuredClone(notice);
        setImmediate(() => open && events.notice(name, copy));
      },
      end() {
        setImmediate(() => {
          if (!open) return;
          shut();
          events.down();
        });
      },
    };
    const connection = connections.connect(session, peer);
    return {
      ok: true,
      peer: {
        request: async (name, request) =>
          structuredClone(await connection.handle(name as RequestName, structuredClone(request))),
        close: shut,
      },
    };
  };
}
