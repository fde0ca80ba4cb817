import { InvalidArgumentError } from 'commander';

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * A parser of a moment: a time, or how long ago it was. Without a zone a time is this machine's own.
 * @param now Epoch milliseconds.
 * @returns Epoch milliseconds.
 */
export function instantParser(now: () => number): (text: string) => number {
  return (text) => {
    const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
    if (count !== undefined) return now() - Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
    const at = timeOf(text);
    if (!Number.isNaN(at)) return at;
    throw new InvalidArgumentError('It must be a time such as 2026-11-23T08:00Z, or how long ago: 90m, 12h, 2d.');
  };
}

/** `Date.parse` alone takes half a text for a time, and a day alone for one of another zone than a day with a time. */
function timeOf(text: string): number {
  if (DAY.test(text)) return Date.parse(`${text}T00:00`);
  return TIME.test(text) ? Date.parse(text) : Number.NaN;
}
