/** A value as Grafana would write it in one of the units the boards use. */
export function format(value: number, unit: string, decimals?: number): string {
  if (!Number.isFinite(value)) return String(value);
  switch (unit) {
    case 's':
      return duration(value, decimals);
    case 'percentunit':
      return `${number(value * 100, decimals)}%`;
    case 'bytes':
      return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB'], decimals);
    case 'eps':
      return `${number(value, decimals)} eps`;
    case 'reqps':
      return `${number(value, decimals)} req/s`;
    case 'cps':
      return `${number(value, decimals)} c/s`;
    case 'short':
      return scaled(value, 1000, ['', 'K', 'Mil', 'Bil'], decimals);
    default:
      return number(value, decimals);
  }
}

/** `HH:MM` in UTC, so that the same answers give the same picture everywhere. */
export function clockTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 16);
}

const DURATIONS: readonly (readonly [from: number, divisor: number, word: string])[] = [
  [86_400, 86_400, 'days'],
  [3600, 3600, 'hours'],
  [60, 60, 'mins'],
  [1, 1, 's'],
  [1e-3, 1e-3, 'ms'],
  [0, 1e-6, 'µs'],
];

function duration(seconds: number, decimals?: number): string {
  if (seconds === 0) return '0 s';
  const [, divisor, word] = DURATIONS.find(([from]) => Math.abs(seconds) >= from) ?? [0, 1, 's'];
  const written = number(seconds / divisor, decimals);
  return `${written} ${written === '1' ? word.replace(/(day|hour|min)s$/, '$1') : word}`;
}

function scaled(value: number, base: number, words: readonly string[], decimals?: number): string {
  const power = value === 0 ? 0 : Math.floor(Math.log(Math.abs(value)) / Math.log(base));
  const index = Math.min(Math.max(power, 0), words.length - 1);
  return `${number(value / base ** index, decimals)} ${words[index]}`.trimEnd();
}

/** With about three digits, unless told otherwise, and no zeros at the end. */
function number(value: number, decimals?: number): string {
  const size = Math.abs(value);
  const digits = decimals ?? (size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3);
  const written = value.toFixed(digits);
  return decimals === undefined && written.includes('.') ? written.replace(/\.?0+$/, '') : written;
}
