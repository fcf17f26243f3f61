/**
 * How an immutable value became the next one, so that only what changed crosses a thread and what did not change keeps
 * its identity on the other side. `same` stands for an unchanged member of a list, by its old place.
 */
export type Patch =
  | { readonly kind: 'whole'; readonly value: unknown }
  | { readonly kind: 'fields'; readonly fields: Readonly<Record<string, Patch>> }
  | { readonly kind: 'items'; readonly items: readonly PatchItem[] };

type PatchItem =
  | { readonly same: number }
  | { readonly from: number; readonly patch: Patch }
  | { readonly value: unknown };

/** Undefined when nothing changed. Identity is looked at first, so that what is shared costs nothing. */
export function makePatch(before: unknown, after: unknown): Patch | undefined {
  if (Object.is(before, after)) return undefined;
  if (Array.isArray(before) && Array.isArray(after)) return patchItems(before, after);
  if (isPlain(before) && isPlain(after) && sameFields(before, after)) return patchFields(before, after);
  if (isBytes(before) && isBytes(after) && equalBytes(before, after)) return undefined;
  return { kind: 'whole', value: after };
}

/** The next value. Throws TypeError when the patch does not fit `before`. */
export function applyPatch(before: unknown, patch: Patch): unknown {
  switch (patch.kind) {
    case 'whole':
      return patch.value;
    case 'fields': {
      if (!isPlain(before)) throw new TypeError('the patch does not fit');
      const changed = Object.entries(patch.fields).map(([name, inner]) => [
        name,
        applyPatch(before[name], inner),
      ]);
      return { ...before, ...Object.fromEntries(changed) };
    }
    case 'items':
      if (!Array.isArray(before)) throw new TypeError('the patch does not fit');
      return patch.items.map((item) => applyItem(before, item));
  }
}

function applyItem(before: readonly unknown[], item: PatchItem): unknown {
  if ('value' in item) return item.value;
  const place = 'same' in item ? item.same : item.from;
  if (!(place in before)) throw new TypeError('the patch does not fit');
  return 'same' in item ? before[place] : applyPatch(before[place], item.patch);
}

function patchFields(before: Plain, after: Plain): Patch | undefined {
  const fields: Record<string, Patch> = {};
  for (const name of Object.keys(after)) {
    const inner = makePatch(before[name], after[name]);
    if (inner !== undefined) fields[name] = inner;
  }
  return Object.keys(fields).length === 0 ? undefined : { kind: 'fields', fields };
}

function patchItems(before: readonly unknown[], after: readonly unknown[]): Patch | undefined {
  const placeByItem = new Map(before.map((item, place) => [item, place]));
  const placeByName = new Map(before.map((item, place) => [nameOf(item, place), place]));
  const items = after.map((item, place): PatchItem => {
    const same = placeByItem.get(item);
    if (same !== undefined) return { same };
    const from = placeByName.get(nameOf(item, place));
    if (from === undefined) return { value: item };
    const patch = makePatch(before[from], item);
    return patch === undefined ? { same: from } : { from, patch };
  });
  const unchanged = items.every((item, place) => 'same' in item && item.same === place);
  return unchanged && before.length === after.length ? undefined : { kind: 'items', items };
}

/** What a member of a list is called: conversations by `key`, messages and alarms by `id`, others by their place. */
function nameOf(item: unknown, place: number): unknown {
  if (!isPlain(item)) return place;
  const { key, id } = item;
  return key ?? id ?? place;
}

type Plain = Readonly<Record<string, unknown>>;

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isBytes(value);
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function sameFields(a: Plain, b: Plain): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name));
}
