import type { AccountId, DeviceId } from '@sotto/protocol';
import { bytesKey } from './fan-out.ts';
import type { LiveSession, Peer } from './session.ts';

/** Connections of one session: a device that reconnects may still have an old one that is not known to be dead. */
const PER_SESSION = 4;

/** Who is connected to this process. */
export interface Presence {
  /** Adds a peer; the oldest of a session that has too many is ended. */
  enter(session: LiveSession, peer: Peer): void;
  leave(session: LiveSession, peer: Peer): void;
  ofDevice(account: AccountId, device: DeviceId): Iterable<Peer>;
  ofAccount(account: AccountId): Iterable<Peer>;
  ofSession(session: Uint8Array): Iterable<Peer>;
  /** Ids of the sessions that have a peer here. */
  listSessions(): Uint8Array[];
}

export function createPresence(): Presence {
  const byDevice = new Map<string, Set<Peer>>();
  const byAccount = new Map<string, Set<Peer>>();
  const bySession = new Map<string, Set<Peer>>();
  const idBySession = new Map<string, Uint8Array>();
  return {
    enter(session, peer) {
      add(byDevice, deviceKey(session.account, session.device), peer);
      add(byAccount, bytesKey(session.account), peer);
      const key = bytesKey(session.id);
      idBySession.set(key, session.id);
      const peers = add(bySession, key, peer);
      const [oldest] = peers;
      if (peers.size > PER_SESSION) oldest?.end();
    },
    leave(session, peer) {
      remove(byDevice, deviceKey(session.account, session.device), peer);
      remove(byAccount, bytesKey(session.account), peer);
      const key = bytesKey(session.id);
      remove(bySession, key, peer);
      if (!bySession.has(key)) idBySession.delete(key);
    },
    ofDevice: (account, device) => [...(byDevice.get(deviceKey(account, device)) ?? [])],
    ofAccount: (account) => [...(byAccount.get(bytesKey(account)) ?? [])],
    ofSession: (session) => [...(bySession.get(bytesKey(session)) ?? [])],
    listSessions: () => [...idBySession.values()],
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

function deviceKey(account: AccountId, device: DeviceId): string {
  return bytesKey(account) + bytesKey(device);
}
