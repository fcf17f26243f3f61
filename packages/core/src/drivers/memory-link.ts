import { PROTOCOL_VERSION } from '@sotto/protocol';
import type { RelayLink } from '../link/relay-link.ts';
import { readAck, readHandshakeRefusal, readNotice } from './link-answers.ts';

/** One side of a connection to a relay in this process. */
interface RelayPeer {
  /** Resolves with the ack as it would travel. */
  request(name: string, request: unknown): Promise<unknown>;
  close(): void;
}

/** What the relay says unasked. */
export interface RelayPeerEvents {
  notice(name: string, notice: unknown): void;
  /** The relay, or the test in between, cut the connection. */
  down(): void;
}

/** A relay in this process: what its testing door gives. */
export type ConnectRelay = (
  handshake: { readonly token: string; readonly protocol: number },
  events: RelayPeerEvents,
) => Promise<{ readonly ok: true; readonly peer: RelayPeer } | { readonly ok: false; readonly code: string }>;

/** The relay's live half without a network, the same parsing included. */
export function createMemoryLink(connect: ConnectRelay): RelayLink {
  let current: { readonly peer: RelayPeer; readonly lost: PromiseWithResolvers<undefined> } | undefined;
  /** Tells an opening connection that `close` or another `open` came in between. */
  let attempt = 0;
  let notify: Parameters<RelayLink['onNotice']>[0] = () => undefined;
  let tellDown: () => void = () => undefined;

  function drop(): void {
    attempt += 1;
    const dropped = current;
    current = undefined;
    dropped?.lost.resolve(undefined);
    dropped?.peer.close();
  }

  return {
    async open(token) {
      drop();
      const mine = attempt;
      const lost = Promise.withResolvers<undefined>();
      const opened = await connect(
        { token, protocol: PROTOCOL_VERSION },
        {
          notice(name, notice) {
            const read = mine === attempt ? readNotice(name, notice) : undefined;
            if (read !== undefined) notify(read.name, read.notice);
          },
          down() {
            lost.resolve(undefined);
            if (mine !== attempt || current === undefined) return;
            drop();
            tellDown();
          },
        },
      );
      if (!opened.ok) return { ok: false, code: readHandshakeRefusal(opened.code) };
      if (mine !== attempt) {
        opened.peer.close();
        return { ok: false, code: 'offline' };
      }
      current = { peer: opened.peer, lost };
      return { ok: true };
    },
    close: drop,
    async request(name, request) {
      if (current === undefined) return { ok: false, code: 'offline' };
      const { peer, lost } = current;
      const asked = peer.request(name, request).then((value) => ({ value }));
      const answer = await Promise.race([asked, lost.promise]).catch(() => undefined);
      return answer === undefined ? { ok: false, code: 'offline' } : readAck(name, answer.value);
    },
    onNotice(handler) {
      notify = handler;
    },
    onDown(handler) {
      tellDown = handler;
    },
  };
}
