import { type ByteReader, encodeU64, encodeVector, exactBytes, joinBytes, readBytes } from './bytes.ts';
import { CHAIN_LIMITS } from './limits.ts';
import { ChainError } from './reasons.ts';
import type { ChainDevice, ChainState } from './state.ts';

/** What lies on disks from before there was a close is version 1, and an open chain still is. */
const OPEN = 1;
/** The same fields, closed by the statement at the head. A reader that knows no close refuses it. */
const CLOSED = 2;
const NEVER = 0; // seq 0 creates, so nothing is revoked there: 0 says "not revoked"

/** One state has one encoding. For storing a pin: what is read back is believed, so seal it or keep it out of reach. */
export function encodeChainState(state: ChainState): Uint8Array {
  return joinBytes(
    Uint8Array.of(state.closedAt === undefined ? OPEN : CLOSED),
    exactBytes(state.account, 16),
    encodeU64(state.head.seq),
    exactBytes(state.head.hash, 32),
    exactBytes(state.identityKey, 32),
    encodeVector(joinBytes(...state.formerIdentityKeys.map((key) => exactBytes(key, 32)))),
    encodeVector(joinBytes(...state.devices.map(encodeDevice))),
    encodeVector(joinBytes(...state.resets.map(encodeU64))),
  );
}

function encodeDevice({ id, key, addedAt, revokedAt }: ChainDevice): Uint8Array {
  return joinBytes(
    exactBytes(id, 16),
    exactBytes(key, 32),
    encodeU64(addedAt),
    encodeU64(revokedAt ?? NEVER),
  );
}

/** Throws `ChainError` (`malformed`, `version_unknown`, `trailing_bytes`, `too_large`) on bytes that hold no state. */
export function decodeChainState(bytes: Uint8Array): ChainState {
  if (bytes.length > CHAIN_LIMITS.stateBytes) throw new ChainError('too_large', 'chain state too large');
  const reader = readBytes(bytes);
  const version = reader.u8();
  if (version !== OPEN && version !== CLOSED)
    throw new ChainError('version_unknown', 'chain state version unknown');
  const account = reader.fixed(16);
  const head = Object.freeze({ seq: reader.u64(), hash: reader.fixed(32) });
  const identityKey = reader.fixed(32);
  const formerIdentityKeys = readList(reader.vector(), 32, (item) => item.fixed(32));
  const devices = readList(reader.vector(), 64, readDevice);
  const resets = readList(reader.vector(), 8, (item) => item.u64());
  reader.end();
  const closedAt = version === CLOSED ? head.seq : undefined;
  const state = { account, head, identityKey, formerIdentityKeys, devices, resets, closedAt };
  if (!hasPossibleSeqs(state)) throw new ChainError('malformed', 'chain state contradicts itself');
  return Object.freeze(state);
}

function readList<T>(bytes: Uint8Array, itemBytes: number, read: (item: ByteReader) => T): readonly T[] {
  if (bytes.length % itemBytes !== 0) throw new ChainError('malformed', 'list of uneven length');
  const reader = readBytes(bytes);
  return Object.freeze(Array.from({ length: bytes.length / itemBytes }, () => read(reader)));
}

function readDevice(item: ByteReader): ChainDevice {
  const device = { id: item.fixed(16), key: item.fixed(32), addedAt: item.u64() };
  const revokedAt = item.u64();
  return Object.freeze({ ...device, revokedAt: revokedAt === NEVER ? undefined : revokedAt });
}

function hasPossibleSeqs({ head, devices, resets, closedAt }: ChainState): boolean {
  const isOver = (device: ChainDevice): boolean => device.revokedAt !== undefined;
  return (
    head.seq < CHAIN_LIMITS.statements &&
    (closedAt === undefined || (closedAt > 0 && devices.every(isOver))) &&
    devices.every(({ addedAt, revokedAt = head.seq + 1 }) => addedAt < revokedAt) &&
    devices.every(({ revokedAt = 0 }) => revokedAt <= head.seq) &&
    resets.every((seq, i) => seq > (resets[i - 1] ?? 0) && seq <= head.seq)
  );
}
