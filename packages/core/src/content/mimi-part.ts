import { encode, rfc8949EncodeOptions } from 'cborg';
import { type External, MIMI_LIMITS, type Part, type PartSemantics } from './mimi-message.ts';
import { isBytes, isText, isUint } from './wire-values.ts';

const SEMANTICS: readonly PartSemantics[] = ['chooseOne', 'singleUnit', 'processAll'];
const { shortText, shortBytes, url: urlLength, message: messageSize } = MIMI_LIMITS;

/** The draft's NestedPart as an array: disposition, language, cardinality, then what the cardinality has. */
export function writePart(part: Part): unknown[] {
  const { disposition, language } = part;
  switch (part.kind) {
    case 'nothing':
      return [disposition, language, 0];
    case 'single':
      return [disposition, language, 1, part.contentType, part.content];
    case 'external':
      return [disposition, language, 2, ...EXTERNAL.map(([name]) => part[name])];
    case 'multi':
      return [disposition, language, 3, SEMANTICS.indexOf(part.semantics), part.parts.map(writePart)];
  }
}

/** A whole body, its nesting and its number of parts included; undefined when it is none. */
export function readPart(value: unknown): Part | undefined {
  return readNested(value, MIMI_LIMITS.depth, { left: MIMI_LIMITS.parts });
}

/** Extension names are integers or texts of 1 to 255 bytes; values are whatever encodes in 4096. */
export function isExtensions(value: unknown): value is ReadonlyMap<number | string, unknown> {
  if (!(value instanceof Map) || value.size > MIMI_LIMITS.extensions) return false;
  return [...value].every(([name, member]) => isExtensionName(name) && isExtensionValue(member));
}

function isExtensionName(name: unknown): boolean {
  if (typeof name === 'number') return Number.isSafeInteger(name);
  if (typeof name !== 'string' || name.length > MIMI_LIMITS.extensionName) return false;
  const size = new TextEncoder().encode(name).length;
  return size >= 1 && size <= MIMI_LIMITS.extensionName;
}

function isExtensionValue(value: unknown): boolean {
  return encode(value, rfc8949EncodeOptions).length <= MIMI_LIMITS.extensionValue;
}

function readNested(value: unknown, depth: number, budget: { left: number }): Part | undefined {
  budget.left -= 1;
  if (depth === 0 || budget.left < 0 || !Array.isArray(value)) return undefined;
  const [disposition, language, cardinality, ...rest] = value as unknown[];
  if (!isUint(disposition, 255) || !isText(language, shortText)) return undefined;
  const head = { disposition, language };
  switch (cardinality) {
    case 0:
      return rest.length === 0 ? { ...head, kind: 'nothing' } : undefined;
    case 1:
      return readSingle(head, rest);
    case 2:
      return readExternal(head, rest);
    case 3:
      return readMulti(head, rest, depth, budget);
    default:
      return undefined;
  }
}

type Head = Pick<Part, 'disposition' | 'language'>;

function readSingle(head: Head, rest: readonly unknown[]): Part | undefined {
  const [contentType, content] = rest;
  if (rest.length !== 2 || !isText(contentType, shortText) || !isBytes(content, 0, messageSize))
    return undefined;
  return { ...head, kind: 'single', contentType, content };
}

function readMulti(
  head: Head,
  rest: readonly unknown[],
  depth: number,
  budget: { left: number },
): Part | undefined {
  const [semanticsNumber, members] = rest;
  const semantics = isUint(semanticsNumber, 2) ? SEMANTICS[semanticsNumber] : undefined;
  if (rest.length !== 2 || semantics === undefined || !Array.isArray(members) || members.length < 2)
    return undefined;
  const parts: Part[] = [];
  for (const member of members) {
    const part = readNested(member, depth - 1, budget);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return { ...head, kind: 'multi', semantics, parts };
}

/** Fields of an external part, in the order of the wire. */
const EXTERNAL: readonly (readonly [name: keyof External, fits: (value: unknown) => boolean])[] = [
  ['contentType', (value) => isText(value, shortText)],
  ['url', (value) => isText(value, urlLength)],
  ['expires', (value) => isUint(value, 2 ** 32 - 1)],
  ['size', (value) => isUint(value, Number.MAX_SAFE_INTEGER)],
  ['encAlg', (value) => isUint(value, 0xffff)],
  ['key', (value) => isBytes(value, 0, shortBytes)],
  ['nonce', (value) => isBytes(value, 0, shortBytes)],
  ['aad', (value) => isBytes(value, 0, shortBytes)],
  ['hashAlg', (value) => isUint(value, 0xff)],
  ['contentHash', (value) => isBytes(value, 0, shortBytes)],
  ['description', (value) => isText(value, shortText)],
  ['filename', (value) => isText(value, shortText)],
];

function readExternal(head: Head, rest: readonly unknown[]): Part | undefined {
  if (rest.length !== EXTERNAL.length || !EXTERNAL.every(([, fits], at) => fits(rest[at]))) return undefined;
  const fields = Object.fromEntries(EXTERNAL.map(([name], at) => [name, rest[at]]));
  return { ...head, kind: 'external', ...(fields as unknown as External) };
}
