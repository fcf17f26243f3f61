import { decodeCbor, encodeCbor } from '@sotto/protocol';
import { decodeMimiMessage, encodeMimiMessage } from './mimi-codec.ts';
import { DISPOSITION, MIMI_LIMITS, type MimiMessage, type Part } from './mimi-message.ts';
import { isUint } from './wire-values.ts';

/** Longest text of one message, in UTF-8 bytes: sealed and padded it fits an entry with room to spare. */
export const TEXT_LIMIT = 32 * 1024;

const PLAIN = 'text/plain;charset=utf-8';
/** Sotto's own: `{upTo}`, "my device has this log on its disk up to entry `upTo`". Cumulative, so one says all. */
const DELIVERED = 'application/vnd.sotto.delivered+cbor';

/** What a message says to this client. `unsupported`: well-formed, and nothing that this build can show. */
export type Content =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'delivered'; readonly upTo: number }
  | { readonly kind: 'unsupported' };

/** UTF-8 bytes of a text: what TEXT_LIMIT counts. */
export function textSize(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A text message. `salt`: 16 random bytes. Throws RangeError past TEXT_LIMIT or for a text that is not Unicode. */
export function encodeText(text: string, salt: Uint8Array): Uint8Array {
  if (!text.isWellFormed() || textSize(text) > TEXT_LIMIT) throw new RangeError('text over its limit');
  const content = new TextEncoder().encode(text);
  return encodeMimiMessage(
    message(salt, {
      kind: 'single',
      disposition: DISPOSITION.render,
      language: '',
      contentType: PLAIN,
      content,
    }),
  );
}

/** A delivery report about the log it is sent to. `salt`: 16 random bytes. */
export function encodeDelivered(upTo: number, salt: Uint8Array): Uint8Array {
  const content = encodeCbor({ upTo });
  const disposition = DISPOSITION.unspecified;
  return encodeMimiMessage(
    message(salt, { kind: 'single', disposition, language: '', contentType: DELIVERED, content }),
  );
}

/** Undefined when the bytes are no MIMI message: the sender is broken or hostile. */
export function readContent(bytes: Uint8Array): Content | undefined {
  const read = decodeMimiMessage(bytes);
  if (read === undefined) return undefined;
  return readDelivered(read.body) ?? readMessageText(read);
}

function message(salt: Uint8Array, body: Part): MimiMessage {
  return {
    salt,
    replaces: undefined,
    topic: new Uint8Array(0),
    expires: undefined,
    inReplyTo: undefined,
    extensions: new Map(),
    body,
  };
}

function readDelivered(body: Part): Content | undefined {
  if (body.kind !== 'single' || body.contentType !== DELIVERED) return undefined;
  const report = decodeCbor(body.content, 64);
  const upTo = typeof report === 'object' && report !== null && 'upTo' in report ? report.upTo : undefined;
  return isUint(upTo, Number.MAX_SAFE_INTEGER) ? { kind: 'delivered', upTo } : { kind: 'unsupported' };
}

/** Edits and deletions come with a later build: showing an edit as a new line would be a lie. */
function readMessageText(read: MimiMessage): Content {
  const text = read.replaces === undefined ? textOf(read.body) : undefined;
  return text === undefined ? { kind: 'unsupported' } : { kind: 'text', text };
}

/** The text of a part, by the draft's part semantics; undefined when it has none to show. */
function textOf(part: Part): string | undefined {
  if (part.kind === 'single') return isShown(part.disposition) ? singleText(part) : undefined;
  if (part.kind !== 'multi') return undefined;
  const texts = part.parts.map(textOf);
  const known = texts.filter((text) => text !== undefined);
  if (part.semantics === 'chooseOne') return known[0];
  if (part.semantics === 'singleUnit' && known.length < texts.length) return undefined;
  return known.length === 0 ? undefined : known.join('\n');
}

/** Unknown dispositions (9 to 255) count as unspecified, as the draft asks of those who do not know them. */
function isShown(disposition: number): boolean {
  const { unspecified, render, inline, preview } = DISPOSITION;
  return (
    disposition === render || disposition === inline || disposition === unspecified || disposition > preview
  );
}

/** Markdown is shown as it was typed, which the draft allows: user text is text nodes. */
function singleText(part: {
  readonly contentType: string;
  readonly content: Uint8Array;
}): string | undefined {
  const [type, ...parameters] = part.contentType.toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((one) => one.startsWith('charset='));
  if (type !== 'text/plain' && type !== 'text/markdown') return undefined;
  if (charset !== undefined && charset !== 'charset=utf-8' && charset !== 'charset="utf-8"') return undefined;
  if (part.content.length > MIMI_LIMITS.message) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(part.content);
  } catch {
    return undefined;
  }
}
