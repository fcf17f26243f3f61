export { generateKeyPair, type KeyPair } from './keys.ts';
export { CHAIN_LIMITS } from './limits.ts';
export {
  addDevice,
  closeAccount,
  createChain,
  type Made,
  type NewDevice,
  proveDevice,
  resetAccount,
  revokeDevice,
  rotateIdentity,
} from './make.ts';
export { CHAIN_REASONS, ChainError, type ChainReason } from './reasons.ts';
export { labelOf } from './signing.ts';
export { type ChainDevice, type ChainState, findDevice, isCurrentDevice } from './state.ts';
export { decodeChainState, encodeChainState } from './state-codec.ts';
export { type DeviceClaim, decodeStatement, encodeStatement, type Statement } from './statement.ts';
export { type ChainResult, compareToPinned, extendChain, verifyChain } from './verify.ts';
