import { encodeU64, encodeVector, exactBytes, joinBytes, readBytes } from './bytes.ts';
import { CHAIN_LIMITS } from './limits.ts';
import { ChainError, type ChainReason } from './reasons.ts';

/** A device as a statement introduces it: `id` 16 bytes, `key` 32, `proof` 64 (possession, by the device's own key). */
export interface DeviceClaim {
  readonly id: Uint8Array;
  readonly key: Uint8Array;
  readonly proof: Uint8Array;
}

export type StatementBody =
  | { readonly op: 'create'; readonly identity: Uint8Array; readonly device: DeviceClaim }
  | { readonly op: 'add_device'; readonly device: DeviceClaim }
  | { readonly op: 'revoke_device'; readonly device: Uint8Array }
  | { readonly op: 'rotate_identity'; readonly identity: Uint8Array; readonly proof: Uint8Array }
  | { readonly op: 'recovery_reset'; readonly identity: Uint8Array; readonly device: DeviceClaim }
  | { readonly op: 'close_account' };

/** `label`, `prev`, `signer` 32 bytes, `signature` 64. `prev` is the SHA-256 of the whole statement before. */
export interface Statement {
  readonly label: Uint8Array;
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly body: StatementBody;
  readonly signer: Uint8Array;
  readonly signature: Uint8Array;
}

const VERSION = 1;
const OPS = [
  'create',
  'add_device',
  'revoke_device',
  'rotate_identity',
  'recovery_reset',
  'close_account',
] as const;

/** One statement has exactly one encoding. Throws `ChainError` when a field has the wrong length. */
export function encodeStatement(statement: Statement): Uint8Array {
  return joinBytes(encodeUnsigned(statement), encodeVector(exactBytes(statement.signature, 64)));
}

/** Everything before the signature: what is signed, after its domain string. */
export function encodeUnsigned(statement: Omit<Statement, 'signature'>): Uint8Array {
  return joinBytes(
    Uint8Array.of(VERSION),
    exactBytes(statement.label, 32),
    encodeU64(statement.seq),
    exactBytes(statement.prev, 32),
    Uint8Array.of(OPS.indexOf(statement.body.op) + 1),
    encodeVector(encodeBody(statement.body)),
    exactBytes(statement.signer, 32),
  );
}

function encodeBody(body: StatementBody): Uint8Array {
  switch (body.op) {
    case 'create':
    case 'recovery_reset':
      return joinBytes(exactBytes(body.identity, 32), encodeDevice(body.device));
    case 'add_device':
      return encodeDevice(body.device);
    case 'revoke_device':
      return exactBytes(body.device, 16);
    case 'rotate_identity':
      return joinBytes(exactBytes(body.identity, 32), encodeVector(exactBytes(body.proof, 64)));
    case 'close_account':
      return new Uint8Array();
  }
}

function encodeDevice({ id, key, proof }: DeviceClaim): Uint8Array {
  return joinBytes(exactBytes(id, 16), exactBytes(key, 32), encodeVector(exactBytes(proof, 64)));
}

export type DecodedStatement =
  | { readonly ok: true; readonly statement: Statement }
  | { readonly ok: false; readonly reason: ChainReason };

/** The bytes may be the relay's. Checks form alone: no link, no signature. Never throws on any bytes. */
export function decodeStatement(bytes: Uint8Array): DecodedStatement {
  if (bytes.length > CHAIN_LIMITS.statementBytes) return { ok: false, reason: 'too_large' };
  try {
    return { ok: true, statement: parseStatement(bytes) };
  } catch (error) {
    if (error instanceof ChainError) return { ok: false, reason: error.code };
    throw error;
  }
}

function parseStatement(bytes: Uint8Array): Statement {
  const reader = readBytes(bytes);
  if (reader.u8() !== VERSION) throw new ChainError('version_unknown', 'statement version unknown');
  const label = reader.fixed(32);
  const seq = reader.u64();
  const prev = reader.fixed(32);
  const body = parseBody(reader.u8(), reader.vector());
  const signer = reader.fixed(32);
  const signature = lengthOf64(reader.vector());
  reader.end();
  return { label, seq, prev, body, signer, signature };
}

function parseBody(opNumber: number, bytes: Uint8Array): StatementBody {
  const op = OPS[opNumber - 1];
  if (op === undefined) throw new ChainError('op_unknown', 'statement op unknown');
  const reader = readBytes(bytes);
  const device = (): DeviceClaim => ({
    id: reader.fixed(16),
    key: reader.fixed(32),
    proof: lengthOf64(reader.vector()),
  });
  const parsers = {
    create: () => ({ op: 'create', identity: reader.fixed(32), device: device() }),
    add_device: () => ({ op: 'add_device', device: device() }),
    revoke_device: () => ({ op: 'revoke_device', device: reader.fixed(16) }),
    rotate_identity: () => ({
      op: 'rotate_identity',
      identity: reader.fixed(32),
      proof: lengthOf64(reader.vector()),
    }),
    recovery_reset: () => ({ op: 'recovery_reset', identity: reader.fixed(32), device: device() }),
    close_account: () => ({ op: 'close_account' }),
  } satisfies { [Op in StatementBody['op']]: () => Extract<StatementBody, { op: Op }> };
  const body = parsers[op]();
  reader.end();
  return body;
}

function lengthOf64(bytes: Uint8Array): Uint8Array {
  return exactBytes(bytes, 64);
}
