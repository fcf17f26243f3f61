/** What a check found: one line for the operator. */
export interface Finding {
  readonly state: 'ok' | 'warning' | 'wrong';
  /** What was looked at. */
  readonly about: string;
  readonly says: string;
  /** What to do, for all that is not ok. */
  readonly mend?: string;
}

export const ok = (about: string, says: string): Finding => ({ state: 'ok', about, says });
export const warning = (about: string, says: string, mend: string): Finding => ({
  state: 'warning',
  about,
  says,
  mend,
});
export const wrong = (about: string, says: string, mend: string): Finding => ({
  state: 'wrong',
  about,
  says,
  mend,
});

export function formatFinding({ state, about, says, mend }: Finding): string {
  const line = `${state.padEnd(8)} ${about}: ${says}`;
  return mend === undefined ? line : `${line}. ${mend}`;
}
