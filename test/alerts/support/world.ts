/** What a scrape finds: a value, nothing because it failed (`stale`), or nothing because nobody scraped (`null`). */
export type Sample = number | 'stale' | null;

/** The value of a series over time, in seconds since the story began. */
export type Signal = (at: number) => Sample;

export interface Series {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly signal: Signal;
}

/** Which series a change is about: those that have all of these labels. */
export type Selection = Readonly<Record<string, string>>;

/** All series that Prometheus knows in a story. Changes make a new one. */
export class World {
  readonly series: readonly Series[];

  constructor(series: readonly Series[]) {
    this.series = series;
  }

  /**
   * Lets the series of a metric go another way.
   * @throws Error if there is none: a change that changes nothing would make its story prove nothing.
   */
  change(metric: string | RegExp, selection: Selection, another: (was: Signal) => Signal): World {
    let changes = 0;
    const series = this.series.map((one) => {
      const isMeant = typeof metric === 'string' ? one.metric === metric : metric.test(one.metric);
      if (!isMeant || Object.entries(selection).some(([name, value]) => one.labels[name] !== value)) return one;
      changes += 1;
      return { ...one, signal: another(one.signal) };
    });
    if (changes === 0) throw new Error(`no series of ${metric} with ${JSON.stringify(selection)} to change`);
    return new World(series);
  }

  /** These series too. */
  and(...more: readonly Series[]): World {
    return new World([...this.series, ...more]);
  }

  /** Only the series of these metrics, for stories that are long. */
  only(...metrics: readonly string[]): World {
    return new World(this.series.filter(({ metric }) => metrics.includes(metric)));
  }

  /** The series as promtool reads them, sampled every `stepSeconds` up to and including `untilSeconds`. */
  inputSeries(stepSeconds: number, untilSeconds: number): { series: string; values: string }[] {
    return this.series.map(({ metric, labels, signal }) => {
      const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      const samples: Sample[] = [];
      for (let at = 0; at <= untilSeconds; at += stepSeconds) samples.push(signal(at));
      return { series: `${metric}{${pairs.join(',')}}`, values: runs(samples).join(' ') };
    });
  }
}

/** Samples in promtool's notation, equal steps in one word: `0+2x9` is 0 and nine steps of 2. */
function runs(samples: readonly Sample[]): string[] {
  const words: string[] = [];
  for (let i = 0; i < samples.length; ) {
    const first = samples[i] ?? null;
    const next = samples[i + 1];
    // Fractions are written out: adding them up again and again would drift.
    const step = typeof next === 'number' && typeof first === 'number' ? next - first : 0;
    let length = 1;
    while (i + length < samples.length && continues(samples, i + length, step)) length += 1;
    if (typeof first !== 'number' || !Number.isInteger(first) || !Number.isInteger(step)) length = 1;
    words.push(typeof first === 'number' ? number(first, step, length) : first === 'stale' ? 'stale' : '_');
    i += length;
  }
  return words;
}

function continues(samples: readonly Sample[], i: number, step: number): boolean {
  const [before, here] = [samples[i - 1], samples[i]];
  return typeof before === 'number' && typeof here === 'number' && here - before === step;
}

function number(first: number, step: number, length: number): string {
  return length === 1 ? `${first}` : `${first}${step < 0 ? '-' : '+'}${Math.abs(step)}x${length - 1}`;
}
