/** What a decoded value is, within bounds. For values that another member chose. */

export function isBytes(value: unknown, minimum: number, maximum: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length >= minimum && value.length <= maximum;
}

export function isUint(value: unknown, maximum: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= maximum;
}

/** At most `maximum` UTF-16 units. */
export function isText(value: unknown, maximum: number): value is string {
  return typeof value === 'string' && value.length <= maximum;
}
