/**
 * A message as people mean it: the IETF MIMI content format (draft-ietf-mimi-content), as values. The CBOR of it is in
 * mimi-codec.ts. All of it is the sender's word; who the sender is, is not in it: that is the leaf's credential.
 */
export interface MimiMessage {
  /** 16 random bytes, so that equal messages have different ids. */
  readonly salt: Uint8Array;
  /** The message id this one edits or, with a `nothing` body, deletes. */
  readonly replaces: Uint8Array | undefined;
  /** Empty when there is no topic. */
  readonly topic: Uint8Array;
  readonly expires: Expiration | undefined;
  readonly inReplyTo: Uint8Array | undefined;
  /** Kept as they came; none is acted upon. Keys are integers or texts. */
  readonly extensions: ReadonlyMap<number | string, unknown>;
  readonly body: Part;
}

/** Seconds: since 1970, or, when `relative`, from when the message was read. */
export interface Expiration {
  readonly relative: boolean;
  readonly time: number;
}

/** What a part is for. Numbers of the draft; 9 to 255 are for later drafts and count as `UNSPECIFIED`. */
export const DISPOSITION = {
  unspecified: 0,
  render: 1,
  reaction: 2,
  profile: 3,
  inline: 4,
  icon: 5,
  attachment: 6,
  session: 7,
  preview: 8,
} as const;

interface PartHead {
  readonly disposition: number;
  /** Language tags (RFC 5646), comma-separated; empty when unsaid. */
  readonly language: string;
}

export type Part = PartHead &
  (
    | { readonly kind: 'nothing' }
    | { readonly kind: 'single'; readonly contentType: string; readonly content: Uint8Array }
    | ({ readonly kind: 'external' } & External)
    | { readonly kind: 'multi'; readonly semantics: PartSemantics; readonly parts: readonly Part[] }
  );

/** How the parts of one part belong together. */
export type PartSemantics = 'chooseOne' | 'singleUnit' | 'processAll';

/** Content that lies elsewhere. Nothing here is fetched because a message names it. */
export interface External {
  readonly contentType: string;
  readonly url: string;
  /** Seconds since 1970; 0 when it does not expire. */
  readonly expires: number;
  /** Bytes; 0 when unsaid. */
  readonly size: number;
  /** IANA AEAD number (RFC 5116), or 0. */
  readonly encAlg: number;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
  /** IANA named information hash number, or 0. */
  readonly hashAlg: number;
  readonly contentHash: Uint8Array;
  readonly description: string;
  readonly filename: string;
}

/** What a hostile member may send at most; the draft's own bounds where it names some (security considerations). */
export const MIMI_LIMITS = {
  /** The whole message: with its payload and its seal it fits an entry. */
  message: 48 * 1024,
  topic: 4096,
  parts: 1024,
  depth: 4,
  extensions: 64,
  extensionName: 255,
  extensionValue: 4096,
  shortText: 1024,
  url: 4096,
  shortBytes: 1024,
} as const;
