import type {
  ClientState,
  GenerationSecret,
  GroupContext,
  KeySchedule,
  PrivateKeyPath,
  RatchetTree,
  SecretTree,
} from 'ts-mls';
import {
  decodeUint8,
  decodeUint32,
  decodeUint64,
  uint8Encoder,
  uint32Encoder,
  uint64Encoder,
} from 'ts-mls/codec/number.js';
import { type Decoder, mapDecoders } from 'ts-mls/codec/tlsDecoder.js';
import { type BufferEncoder, contramapBufferEncoders, encode } from 'ts-mls/codec/tlsEncoder.js';
import {
  decodeNumberRecord,
  decodeVarLenData,
  numberRecordEncoder,
  varLenDataEncoder,
} from 'ts-mls/codec/variableLength.js';
import { decodeGroupContext, groupContextEncoder } from 'ts-mls/groupContext.js';
import { decodeKeySchedule, keyScheduleEncoder } from 'ts-mls/keySchedule.js';
import { decodePrivateKeyPath, privateKeyPathEncoder } from 'ts-mls/privateKeyPath.js';
import { decodeRatchetTree, ratchetTreeEncoder } from 'ts-mls/ratchetTree.js';
import { leafWidth } from 'ts-mls/treemath.js';
import { leafAt, type MlsContext } from './context.ts';
import type { DeviceIdentity, GroupParts } from './door.ts';
import { decodeExactly } from './framing.ts';

const VERSION = 1;
const CAP = 16 * 1024 * 1024;

type EpochRecord = Omit<ClientState, 'secretTree' | 'signaturePrivateKey' | 'clientConfig'>;

/** All of a group but its ratchets and the device's signature key, which the caller keeps once for all groups. */
const epochEncoder: BufferEncoder<EpochRecord> = contramapBufferEncoders<
  [number, number, GroupContext, KeySchedule, RatchetTree, PrivateKeyPath, Uint8Array],
  EpochRecord
>(
  [
    uint8Encoder,
    uint8Encoder,
    groupContextEncoder,
    keyScheduleEncoder,
    ratchetTreeEncoder,
    privateKeyPathEncoder,
    varLenDataEncoder,
  ],
  (mls) => [
    VERSION,
    mls.groupActiveState.kind === 'active' ? 1 : 0,
    mls.groupContext,
    mls.keySchedule,
    mls.ratchetTree,
    mls.privatePath,
    mls.confirmationTag,
  ],
);

const decodeEpoch: Decoder<EpochRecord> = mapDecoders(
  [
    decodeUint8,
    decodeUint8,
    decodeGroupContext,
    decodeKeySchedule,
    decodeRatchetTree,
    decodePrivateKeyPath,
    decodeVarLenData,
  ],
  (_version, active, groupContext, keySchedule, ratchetTree, privatePath, confirmationTag) => ({
    groupContext,
    keySchedule,
    ratchetTree,
    privatePath,
    confirmationTag,
    unappliedProposals: {},
    historicalReceiverData: new Map(),
    groupActiveState: active === 1 ? { kind: 'active' } : { kind: 'removedFromGroup' },
  }),
);

interface RatchetRecord {
  readonly epoch: bigint;
  readonly handshake: Uint8Array;
  readonly application: GenerationSecret;
}

const ratchetEncoder: BufferEncoder<RatchetRecord> = contramapBufferEncoders<
  [number, bigint, Uint8Array, Uint8Array, number, Record<number, Uint8Array>],
  RatchetRecord
>(
  [
    uint8Encoder,
    uint64Encoder,
    varLenDataEncoder,
    varLenDataEncoder,
    uint32Encoder,
    numberRecordEncoder(uint32Encoder, varLenDataEncoder),
  ],
  ({ epoch, handshake, application }) => [
    VERSION,
    epoch,
    handshake,
    application.secret,
    application.generation,
    application.unusedGenerations,
  ],
);

const decodeRatchet: Decoder<RatchetRecord> = mapDecoders(
  [
    decodeUint8,
    decodeUint64,
    decodeVarLenData,
    decodeVarLenData,
    decodeUint32,
    decodeNumberRecord(decodeUint32, decodeVarLenData),
  ],
  (_version, epoch, handshake, secret, generation, unusedGenerations) => ({
    epoch,
    handshake,
    application: { secret, generation, unusedGenerations },
  }),
);

export function encodeEpochPart(mls: ClientState): Uint8Array {
  return encode(epochEncoder)(mls);
}

/** One record per leaf that is not blank: key = leaf index. A removed device keeps none. */
export function encodeRatchets(mls: ClientState, before?: SecretTree): Map<string, Uint8Array> {
  const records = new Map<string, Uint8Array>();
  if (mls.groupActiveState.kind !== 'active') return records;
  for (let leaf = 0; leaf < leafWidth(mls.ratchetTree.length); leaf += 1) {
    const node = mls.secretTree[leaf * 2];
    if (node === undefined || leafAt(mls.ratchetTree, leaf) === undefined) continue;
    if (before !== undefined && before[leaf * 2] === node) continue;
    const { epoch } = mls.groupContext;
    const { handshake, application } = node;
    records.set(String(leaf), encode(ratchetEncoder)({ epoch, handshake: handshake.secret, application }));
  }
  return records;
}

/** Throws unless the parts are exactly what the encoders wrote, for one epoch and for this device. */
export function decodeParts(context: MlsContext, identity: DeviceIdentity, parts: GroupParts): ClientState {
  const epoch = decodeExactly(parts.epoch, CAP, decodeEpoch, epochEncoder);
  if (epoch === undefined || parts.epoch[0] !== VERSION) throw new Error('not the epoch record of a group');
  const secretTree: SecretTree = [];
  const active = epoch.groupActiveState.kind === 'active';
  for (let leaf = 0; active && leaf < leafWidth(epoch.ratchetTree.length); leaf += 1) {
    if (leafAt(epoch.ratchetTree, leaf) === undefined) continue;
    const bytes = parts.ratchets.get(String(leaf)) ?? new Uint8Array();
    const record = decodeExactly(bytes, CAP, decodeRatchet, ratchetEncoder);
    if (record?.epoch !== epoch.groupContext.epoch || bytes[0] !== VERSION) {
      throw new Error('not the ratchet record of this epoch');
    }
    const handshake = { secret: record.handshake, generation: 0, unusedGenerations: {} };
    secretTree[leaf * 2] = { handshake, application: record.application };
  }
  const { config } = context;
  return { ...epoch, secretTree, signaturePrivateKey: identity.signaturePrivateKey, clientConfig: config };
}
