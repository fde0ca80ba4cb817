import { type MetricsRegistry, scrape } from '../../src/observe/index.js';

/** One scrape, whole. */
export async function scrapedText(registry: MetricsRegistry): Promise<string> {
  const { body } = await scrape(registry);
  return Buffer.concat(body).toString();
}

/** One scrape, each series by its name and labels as written there: `name{a="1",b="2"}`. */
export async function samplesOf(registry: MetricsRegistry): Promise<ReadonlyMap<string, number>> {
  const text = await scrapedText(registry);
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const match = /^([a-z0-9_]+(?:\{.*?\})?) (\S+)(?: # .*)?$/.exec(line);
    if (match?.[1] === undefined) throw new Error(`not a sample: ${line}`);
    if (samples.has(match[1])) throw new Error(`a series appears twice: ${match[1]}`);
    samples.set(match[1], Number(match[2]));
  }
  return samples;
}
