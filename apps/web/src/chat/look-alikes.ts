import type { PersonView } from '@sotto/core/page';

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

type Named = Pick<PersonView, 'account' | 'username'>;

/**
 * The accounts among `people` whose name looks like, or is, that of another account of `people` or `known`. The relay
 * chooses which names exist and whose they are, so a near or exact twin of a contact is a thing to point out, with the
 * safety number that tells them apart.
 */
export function lookAlikes(people: readonly Named[], known: readonly Named[]): ReadonlySet<string> {
  const accountsByShape = new Map<string, Set<string>>();
  for (const { account, username } of [...people, ...known]) {
    const shape = nameShape(username);
    const same = accountsByShape.get(shape) ?? new Set<string>();
    accountsByShape.set(shape, same.add(account));
  }
  const isAlike = ({ username }: Named) => (accountsByShape.get(nameShape(username))?.size ?? 0) > 1;
  return new Set(people.filter(isAlike).map(({ account }) => account));
}
