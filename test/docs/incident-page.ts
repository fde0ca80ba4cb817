import { readdirSync } from 'node:fs';
import { ALERTS } from '../../src/alerts/index.js';
import { INCIDENT_ROWS } from './incident-rows.js';
import { pathOf, read, table } from './support/root.js';

/** F01 to F43, with the names that docs/incidents.md gives them. */
export const INCIDENTS: ReadonlyMap<string, string> = new Map(
  [...read('docs/incidents.md').matchAll(/^\| (F\d\d) \| ([^|]+) \|/gm)].map(([, id = '', name = '']) => [
    id,
    name.trim(),
  ]),
);

/** A test file, with the titles that name an incident. */
export interface TestedFile {
  readonly path: string;
  readonly titles: readonly string[];
}

/** Where an incident is told from its beginning to its end: against the simulator, the official SDK, a real Prometheus. */
const STAGES = /^test\/(incidents|sdk|e2e)\//;

/** Files with tests whose titles name an incident. */
export const TESTED_FILES: readonly TestedFile[] = readdirSync(pathOf('test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts') || path === 'e2e/expectations.ts')
  .map((path) => `test/${path.replaceAll('\\', '/')}`)
  .filter((path) => STAGES.test(path))
  .sort()
  .map((path) => ({ path, titles: titlesOf(read(path)) }))
  .filter(({ titles }) => titles.length > 0);

/** Titles stand as a text of their own right behind a bracket; those of the end-to-end scenarios behind `title:`. */
function titlesOf(source: string): readonly string[] {
  const titles = source.matchAll(/(?:[(]|title:)\s*(['"`])((?:(?!\1).)*\bF\d\d\b(?:(?!\1).)*)\1\s*,/g);
  // A title about all of them is about none.
  return [...titles].map(([, , title = '']) => title).filter((title) => !title.includes('F01 to F43'));
}

/** The files that have a test with this number in its title. */
export function testsOf(id: string): readonly string[] {
  const number = new RegExp(`\\b${id}\\b`);
  return TESTED_FILES.filter(({ titles }) => titles.some((title) => number.test(title))).map(({ path }) => path);
}

export function alertsOf(id: string): readonly string[] {
  return [
    ...new Set(ALERTS.filter(({ failureModes }) => failureModes.some((mode) => mode === id)).map(({ name }) => name)),
  ];
}

/** The part of docs/incident-table.md that is written by the code. */
export function incidentTable(): string {
  const rows = [...INCIDENTS].map(([id, name]) => {
    const row = INCIDENT_ROWS[id];
    if (row === undefined) throw new Error(`${id} has no row`);
    return [
      `<a id="${id.toLowerCase()}"></a>${id}`,
      name,
      row.noticed,
      row.recovered,
      alertsOf(id)
        .map((alert) => `[${alert}](../alerts/runbooks/${alert}.md)`)
        .join(', ') || `none: ${row.noAlert}`,
      row.metrics.map((metric) => `\`${metric}\``).join(', '),
      testsOf(id)
        .map((path) => `[${path.replace(/^test\//, '')}](../${path})`)
        .join(', ') || `none: ${row.noTest}`,
    ];
  });
  return table(['', 'what', 'noticed by', 'recovered by', 'alerts', 'metrics', 'tests'], rows);
}
