/**
 * What the rest of core may know of MLS (RFC 9420): values, not the library. Every group is an immutable value; an
 * operation returns the next one, and the caller adopts it only after its transaction is on disk (persist before you
 * promise). Refusals are values with a reason; broken calls throw.
 */

/** One leaf of the ratchet tree. `account` and `device` are 16 bytes each, `signatureKey` a raw Ed25519 public key. */
export interface Member {
  readonly leaf: number;
  readonly account: Uint8Array;
  readonly device: Uint8Array;
  readonly signatureKey: Uint8Array;
}

/** The identity a device acts under: credential = account ‖ device, signing with the device's own Ed25519 key. */
export interface DeviceIdentity {
  readonly account: Uint8Array;
  readonly device: Uint8Array;
  readonly signatureKey: Uint8Array;
  /** Raw 32-byte Ed25519 seed. Never leaves the worker. */
  readonly signaturePrivateKey: Uint8Array;
}

/** Conversation settings in the GroupContext extension; the policy depends on `kind`. */
export interface ConversationSettings {
  readonly kind: 'direct' | 'group';
  /** The accounts (16 bytes each) of a direct conversation, in byte order. Empty for groups. */
  readonly accounts: readonly Uint8Array[];
  readonly title: string;
}

/** A KeyPackage as published, and its private half as stored (opaque bytes, deleted at first use). */
export interface OwnKeyPackage {
  /** RFC 9420 §5.2 KeyPackageRef, 32 or 64 bytes by suite. */
  readonly ref: Uint8Array;
  readonly publicBytes: Uint8Array;
  readonly privateBytes: Uint8Array;
  readonly lastResort: boolean;
}

export type MlsRefusal =
  | 'malformed' // does not decode, is over size, or does not re-encode to the same bytes
  | 'wrong_suite' // another suite than the build's floor allows
  | 'wrong_group' // another group id than the log it came from
  | 'wrong_epoch' // not the group's current epoch
  | 'not_a_member' // sender outside the tree, or an external commit or proposal
  | 'bad_credential' // the authentication service refused (account, device, key)
  | 'bad_signature'
  | 'policy' // the conversation's policy forbids this commit
  | 'lifetime' // a KeyPackage or leaf outside its lifetime
  | 'replayed' // generation already used, or so old that its key is gone
  | 'unknown_key_package' // a Welcome for none of ours
  | 'decrypt_failed'
  | 'own_entry'; // it names our own leaf: when the bytes are those we sent, the caller adopts its pending state instead

export type Refused = { readonly ok: false; readonly reason: MlsRefusal };

/**
 * The state of a group as records to persist. `epoch` changes only when the epoch does; `ratchets` holds one small
 * record per ratchet that changed since `takeChanges` was last asked, so the cost of a message never grows with the group.
 */
export interface GroupParts {
  readonly epoch: Uint8Array;
  readonly ratchets: ReadonlyMap<string, Uint8Array>;
}

export interface MlsGroup {
  /** 32 bytes; equals the log id. */
  readonly groupId: Uint8Array;
  readonly epoch: number;
  readonly suite: string;
  readonly ownLeaf: number;
  readonly settings: ConversationSettings;
  /** RFC 9420 §8: epoch_authenticator; seeds the transcript hash. */
  readonly epochAuthenticator: Uint8Array;
  /** False once this device was removed: nothing can be sealed or opened any more. */
  readonly active: boolean;
  members(): readonly Member[];
  /** RFC 9420 §8.5 MLS-Exporter. */
  exportSecret(label: string, context: Uint8Array, length: number): Promise<Uint8Array>;
  /** Seals one application message. `body` is an MLSMessage (PrivateMessage), ready to append. */
  sealMessage(payload: Uint8Array): Promise<{ readonly group: MlsGroup; readonly body: Uint8Array }>;
  /** Opens one application entry. The bytes are the relay's: everything in them may be hostile. */
  openMessage(
    body: Uint8Array,
  ): Promise<
    | { readonly ok: true; readonly group: MlsGroup; readonly sender: Member; readonly payload: Uint8Array }
    | Refused
  >;
  /** Processes a commit of somebody else. */
  processCommit(body: Uint8Array): Promise<
    | {
        readonly ok: true;
        readonly group: MlsGroup;
        readonly sender: Member;
        readonly added: readonly Member[];
        readonly removed: readonly Member[];
      }
    | Refused
  >;
  /**
   * Makes a commit (always with an update path). `pending` becomes current only when the relay accepted the entry.
   * Added KeyPackages are checked like any received one: lifetime, suite, credential by the authentication service.
   */
  makeCommit(change: { readonly add: readonly Uint8Array[]; readonly remove: readonly number[] }): Promise<
    | {
        readonly ok: true;
        readonly body: Uint8Array;
        /** One Welcome for all added devices; undefined when none was added. */
        readonly welcome: Uint8Array | undefined;
        readonly added: readonly Member[];
        readonly pending: MlsGroup;
      }
    | Refused
  >;
  /** All parts, for the first write of a group or of an epoch. */
  encodeAll(): GroupParts;
  /** Only what differs from `before` (an earlier value of the same group): `epoch` is undefined while the epoch stands. */
  encodeChanges(before: MlsGroup): {
    readonly epoch: Uint8Array | undefined;
    readonly ratchets: ReadonlyMap<string, Uint8Array>;
  };
  /**
   * Zeroes the secrets this value used up, which values before it still hold. Call it, if at all, once this value is on
   * disk: an earlier value throws when it is used after.
   */
  eraseSpent(): void;
}

/** Asked for every credential that enters a tree. Wired to the account chains by the engine. */
export interface Authentication {
  /** True only when (account, device, key) stands in the account's verified chain and is not revoked. */
  isCurrentDevice(account: Uint8Array, device: Uint8Array, signatureKey: Uint8Array): Promise<boolean>;
}

export interface Mls {
  /** Ed25519 device signing key pair (raw). */
  generateSignatureKey(): Promise<{ readonly publicKey: Uint8Array; readonly privateKey: Uint8Array }>;
  /** KeyPackages live for 84 days (RFC 9420 §7.2): one that waits longer, the last resort too, has to be replaced. */
  generateKeyPackages(
    identity: DeviceIdentity,
    count: number,
    options: { readonly lastResort: boolean },
  ): Promise<OwnKeyPackage[]>;
  createGroup(
    identity: DeviceIdentity,
    groupId: Uint8Array,
    settings: ConversationSettings,
  ): Promise<MlsGroup>;
  /**
   * Joins from a Welcome. `findKeyPackage` answers the private half by ref, or undefined. The caller deletes that half
   * (unless last resort) and remembers the ref in the same transaction that stores the group.
   */
  joinGroup(
    identity: DeviceIdentity,
    welcome: Uint8Array,
    findKeyPackage: (ref: Uint8Array) => Promise<OwnKeyPackage | undefined>,
  ): Promise<
    | { readonly ok: true; readonly group: MlsGroup; readonly ref: Uint8Array; readonly lastResort: boolean }
    | Refused
  >;
  /** Rebuilds a group from its parts. Throws when they are not what `encodeAll`/`encodeChanges` wrote. */
  loadGroup(identity: DeviceIdentity, parts: GroupParts): Promise<MlsGroup>;
}
