import type { Capabilities, KeyPackage } from 'ts-mls';
import {
  generateKeyPackageWithKey,
  makeKeyPackageRef,
  type PrivateKeyPackage,
  verifyKeyPackage,
} from 'ts-mls/keyPackage.js';
import { type LeafNode, verifyLeafNodeSignatureKeyPackage } from 'ts-mls/leafNode.js';
import { encodeMlsMessage } from 'ts-mls/message.js';
import { concatBytes, equalBytes } from './bytes.ts';
import type { MlsContext } from './context.ts';
import type { DeviceIdentity, MlsRefusal, OwnKeyPackage } from './door.ts';
import { isUnambiguous } from './ed25519.ts';
import { decodeMessage } from './framing.ts';
import { encodeCredential, readIdentity } from './identity.ts';
import { CAPS, LIFETIME, SETTINGS_EXTENSION } from './limits.ts';

function ownCapabilities(context: MlsContext): Capabilities {
  return {
    versions: ['mls10'],
    ciphersuites: [context.suite.name],
    extensions: context.interop ? [] : [SETTINGS_EXTENSION],
    proposals: [],
    credentials: context.interop ? ['basic', 'x509'] : ['basic'],
  };
}

/** A fresh KeyPackage (RFC 9420 §10), valid for 84 days from an hour ago. */
export async function generateKeyPackage(
  context: MlsContext,
  identity: DeviceIdentity,
  lastResort: boolean,
): Promise<OwnKeyPackage> {
  const { publicPackage, privatePackage } = await generatePair(context, identity);
  return {
    ref: await makeKeyPackageRef(publicPackage, context.suite.hash),
    publicBytes: encodeMlsMessage({
      version: 'mls10',
      wireformat: 'mls_key_package',
      keyPackage: publicPackage,
    }),
    privateBytes: encodePrivate(privatePackage),
    lastResort,
  };
}

export async function generatePair(context: MlsContext, identity: DeviceIdentity) {
  const now = Math.floor(context.clock() / 1000);
  return generateKeyPackageWithKey(
    encodeCredential(identity),
    ownCapabilities(context),
    { notBefore: BigInt(now - LIFETIME.margin), notAfter: BigInt(now + LIFETIME.own) },
    [],
    { signKey: identity.signaturePrivateKey, publicKey: identity.signatureKey },
    context.suite,
  );
}

/** `u8 version; u8 length; init[length]; leaf[rest]`: both keys of one suite have one length. */
function encodePrivate({ initPrivateKey, hpkePrivateKey }: PrivateKeyPackage): Uint8Array {
  return concatBytes(Uint8Array.of(1, initPrivateKey.length), initPrivateKey, hpkePrivateKey);
}

/** Throws when the bytes are not what `generateKeyPackage` wrote: they come from our own store. */
export function decodePrivate(bytes: Uint8Array, identity: DeviceIdentity): PrivateKeyPackage {
  const length = bytes[1] ?? 0;
  if (bytes[0] !== 1 || length === 0 || bytes.length !== 2 + 2 * length) {
    throw new Error('not the private half of a key package');
  }
  return {
    initPrivateKey: bytes.slice(2, 2 + length),
    hpkePrivateKey: bytes.slice(2 + length),
    signaturePrivateKey: identity.signaturePrivateKey,
  };
}

export function decodeKeyPackageMessage(bytes: Uint8Array): KeyPackage | undefined {
  const message = decodeMessage(bytes, CAPS.keyPackage);
  return message?.wireformat === 'mls_key_package' ? message.keyPackage : undefined;
}

/**
 * RFC 9420 §10.1, for a KeyPackage that somebody else handed us, with everything but the credential, which needs the
 * authentication service. Undefined when it stands.
 */
export async function checkKeyPackage(
  context: MlsContext,
  keyPackage: KeyPackage,
): Promise<MlsRefusal | undefined> {
  const { suite } = context;
  if (keyPackage.version !== 'mls10') return 'malformed';
  if (keyPackage.cipherSuite !== suite.name) return 'wrong_suite';
  const { leafNode, initKey } = keyPackage;
  const refusal = checkLeaf(context, leafNode);
  if (refusal !== undefined) return refusal;
  if (equalBytes(initKey, leafNode.hpkePublicKey)) return 'malformed';
  if (!(await verifyLeafNodeSignatureKeyPackage(leafNode, suite.signature))) return 'bad_signature';
  if (!(await verifyKeyPackage(keyPackage, suite.signature))) return 'bad_signature';
  if (!isUnambiguous(leafNode.signature) || !isUnambiguous(keyPackage.signature)) return 'bad_signature';
  return undefined;
}

/** RFC 9420 §7.3, what can be said of a leaf without its tree, its signature and its owner's chain. */
export function checkLeaf(context: MlsContext, leaf: LeafNode): MlsRefusal | undefined {
  const { capabilities } = leaf;
  if (readIdentity(leaf, context.interop) === undefined) return 'bad_credential';
  if (!capabilities.ciphersuites.includes(context.suite.name)) return 'wrong_suite';
  if (!capabilities.versions.includes('mls10') || !capabilities.credentials.includes('basic'))
    return 'malformed';
  if (!context.interop && !capabilities.extensions.includes(SETTINGS_EXTENSION)) return 'malformed';
  const supports = ({ extensionType }: LeafNode['extensions'][number]) =>
    typeof extensionType !== 'number' || capabilities.extensions.includes(extensionType);
  if (!leaf.extensions.every(supports)) return 'malformed';
  return leaf.leafNodeSource === 'key_package' && !isAlive(context, leaf.lifetime) ? 'lifetime' : undefined;
}

/** RFC 9420 §7.2: inside the window, and the window no longer than the build allows. */
function isAlive(
  context: MlsContext,
  { notBefore, notAfter }: { notBefore: bigint; notAfter: bigint },
): boolean {
  const now = BigInt(Math.floor(context.clock() / 1000));
  if (now < notBefore || now > notAfter) return false;
  return notAfter - notBefore <= BigInt(LIFETIME.longest);
}
