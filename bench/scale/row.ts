import type { Row } from '../results.ts';

/** A figure and its goal; `state` says whether it was reached. */
export function row(what: string, value: number, unit: string, goal: Goal = {}): Row {
  const { atMost, atLeast } = goal;
  const aim = atMost !== undefined ? `≤ ${atMost}` : atLeast !== undefined ? `≥ ${atLeast}` : '';
  const holds =
    value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY);
  const state = aim === '' ? '' : holds ? 'yes' : 'no';
  return { what, value: Math.round(value * 100) / 100, unit, aim, reached: state };
}

interface Goal {
  readonly atMost?: number;
  readonly atLeast?: number;
}
