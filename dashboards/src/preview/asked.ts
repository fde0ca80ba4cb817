import type { Series, Target } from './answer.js';

/** A query of a panel with its answer. */
export interface Asked {
  readonly target: Target;
  readonly series: readonly Series[];
  readonly stepSeconds: number;
}

/** The samples of a series as numbers; what is no finite number is a gap. */
export function pointsOf({ values = [] }: Series): { readonly at: number; readonly value: number }[] {
  return values.map(([at, value]) => ({ at, value: Number(value) })).filter(({ value }) => Number.isFinite(value));
}

/** Runs of samples without a hole between them: a hole stays a hole. */
export function unbroken<P extends { readonly at: number }>(points: readonly P[], stepSeconds: number): P[][] {
  const runs: P[][] = [];
  for (const point of points) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && point.at - last.at <= stepSeconds * 1.5) run.push(point);
    else runs.push([point]);
  }
  return runs;
}
