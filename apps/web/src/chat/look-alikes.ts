/** Usernames are ASCII (`[a-z0-9][a-z0-9._-]{2,31}`); these are the shapes that eyes confuse among them. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/[._-]/g, ''],
  [/rn/g, 'm'],
  [/vv/g, 'w'],
  [/cl/g, 'd'],
  [/[i1l]/g, 'l'],
  [/0/g, 'o'],
  [/5/g, 's'],
  [/(.)\1+/g, '$1'],
];

/** Equal for names that look alike. */
function nameShape(name: string): string {
  return SHAPES.reduce(
    (shape, [pattern, replacement]) => shape.replace(pattern, replacement),
    name.toLowerCase(),
  );
}

/**
 * The names among `names` that look like another one of `names` or `known` without being it. The relay chooses which
 * names exist, so a near twin of a contact is a thing to point out, with the safety number that tells them apart.
 */
export function lookAlikes(names: readonly string[], known: readonly string[]): ReadonlySet<string> {
  const namesByShape = new Map<string, Set<string>>();
  for (const name of [...names, ...known]) {
    const shape = nameShape(name);
    const same = namesByShape.get(shape) ?? new Set<string>();
    namesByShape.set(shape, same.add(name));
  }
  return new Set(names.filter((name) => (namesByShape.get(nameShape(name))?.size ?? 0) > 1));
}
