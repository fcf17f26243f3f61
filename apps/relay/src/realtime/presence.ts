import type { AccountId, DeviceId, NoticeName, NoticeOf } from '@sotto/protocol';
import { bytesKey } from './fan-out.ts';
import type { NotifyDevice } from './handlers.ts';
import type { LiveSession, Peer } from './session.ts';

/** Connections of one session: a device that reconnects may still have an old one that is not known to be dead. */
const PER_SESSION = 4;

/** Who is connected to this process. */
export interface Presence {
  /** Adds a peer; the oldest of a session that has too many is ended. */
  enter(session: LiveSession, peer: Peer): void;
  leave(session: LiveSession, peer: Peer): void;
  /** Tells a device, if it is here. */
  readonly notifyDevice: NotifyDevice;
  /** Tells all devices of an account that are here. */
  notifyAccount<N extends NoticeName>(account: AccountId, name: N, notice: NoticeOf<N>): void;
  ofSession(session: Uint8Array): Iterable<Peer>;
  /** Ids of the sessions that have a peer here. */
  listSessions(): Uint8Array[];
  /** Peers that are here. */
  count(): number;
}

export function createPresence(): Presence {
  const byDevice = new Map<string, Set<Peer>>();
  const byAccount = new Map<string, Set<Peer>>();
  const bySession = new Map<string, Set<Peer>>();
  const idBySession = new Map<string, Uint8Array>();
  let peersHere = 0;
  return {
    enter(session, peer) {
      peersHere += 1;
      add(byDevice, deviceKey(session.account, session.device), peer);
      add(byAccount, bytesKey(session.account), peer);
      const key = bytesKey(session.id);
      idBySession.set(key, session.id);
      const peers = add(bySession, key, peer);
      const [oldest] = peers;
      if (peers.size > PER_SESSION) oldest?.end();
    },
    leave(session, peer) {
      peersHere -= 1;
      remove(byDevice, deviceKey(session.account, session.device), peer);
      remove(byAccount, bytesKey(session.account), peer);
      const key = bytesKey(session.id);
      remove(bySession, key, peer);
      if (!bySession.has(key)) idBySession.delete(key);
    },
    notifyDevice(account, device, name, notice) {
      for (const peer of [...(byDevice.get(deviceKey(account, device)) ?? [])]) peer.notify(name, notice);
    },
    notifyAccount(account, name, notice) {
      for (const peer of [...(byAccount.get(bytesKey(account)) ?? [])]) peer.notify(name, notice);
    },
    ofSession: (session) => [...(bySession.get(bytesKey(session)) ?? [])],
    listSessions: () => [...idBySession.values()],
    count: () => peersHere,
  };
}

function add(peers: Map<string, Set<Peer>>, key: string, peer: Peer): Set<Peer> {
  const held = peers.get(key) ?? new Set();
  peers.set(key, held.add(peer));
  return held;
}

function remove(peers: Map<string, Set<Peer>>, key: string, peer: Peer): void {
  const held = peers.get(key);
  held?.delete(peer);
  if (held?.size === 0) peers.delete(key);
}

/** A device as a key of a map. */
export function deviceKey(account: AccountId, device: DeviceId): string {
  return bytesKey(account) + bytesKey(device);
}
