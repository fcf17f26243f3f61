import type { AccountId, DeviceId, NoticeName, NoticeOf, Refusal } from '@sotto/protocol';

/** Who is on a connection: what an access token stands for. */
export interface LiveSession {
  readonly id: Uint8Array;
  readonly account: AccountId;
  readonly device: DeviceId;
}

/** The open session behind an access token, or why there is none. The token is whatever a client showed. */
export type Authenticate = (token: string) => Promise<LiveSession | Refusal>;

/** The client's end of a connection. */
export interface Peer {
  /** Names the connection in the log: random, and nobody else's name for it. */
  readonly id?: string;
  /** Sends a notice. One notice object may go to many peers: never changed after. */
  notify<N extends NoticeName>(name: N, notice: NoticeOf<N>): void;
  /** Cuts the connection, after what was sent before. */
  end(): void;
}
