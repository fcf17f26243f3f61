/** What a person typed into the card; kept while the steps behind it come and go. */
export interface Typed {
  readonly username: string;
  readonly password: string;
  readonly email: string;
  readonly shared: boolean;
}

export const NOTHING_TYPED: Typed = { username: '', password: '', email: '', shared: false };

export type FieldName = 'username' | 'password' | 'email';

/** Names are lower case everywhere; phones begin with a capital. */
export function nameOf({ username }: Typed): string {
  return username.trim().toLowerCase();
}

/** The first field of a new account that wants something. `mail`: whether the relay sends any. */
export function firstMissing(typed: Typed, mail: boolean): FieldName | undefined {
  if (nameOf(typed) === '') return 'username';
  if (typed.password === '') return 'password';
  return mail && typed.email.trim() === '' ? 'email' : undefined;
}
