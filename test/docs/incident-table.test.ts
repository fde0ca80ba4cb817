import { expect, test } from 'vitest';
import { METRIC_NAMES } from '../../src/observe/catalogue.js';
import { alertsOf, INCIDENTS, incidentTable, testsOf } from './incident-page.js';
import { INCIDENT_ROWS } from './incident-rows.js';
import { committed, read, withParts } from './support/root.js';

const IDS = Array.from({ length: 43 }, (_, index) => `F${String(index + 1).padStart(2, '0')}`);

test('the catalogue and the table have the same 43 incidents', () => {
  expect([...INCIDENTS.keys()]).toEqual(IDS);
  expect(Object.keys(INCIDENT_ROWS)).toEqual(IDS);
});

test.each(IDS)(
  '%s: something shows it, something ends it, and a test proves it or a reason says why none does',
  (id) => {
    const row = INCIDENT_ROWS[id];
    expect(row?.noticed).toMatch(/^.{20,}\.$/);
    expect(row?.recovered).toMatch(/^.{10,}\.$/);
    for (const metric of row?.metrics ?? []) expect(METRIC_NAMES).toContain(metric);
    // A reason beside what it excuses the absence of would be out of date.
    expect(row?.noAlert === undefined).toBe(alertsOf(id).length > 0);
    expect(row?.noTest === undefined).toBe(testsOf(id).length > 0);
  },
);

test('what has its tests has a file among the incidents that is named by its number', () => {
  const elsewhere = IDS.filter((id) => testsOf(id).length > 0).filter(
    (id) => !testsOf(id).some((path) => path.startsWith(`test/incidents/${id.toLowerCase()}-`)),
  );
  expect(elsewhere).toEqual(['F39']); // to the process it is F05, in whose file its tests stand
});

test('nothing but what a process cannot change is without a test', () => {
  expect(IDS.filter((id) => testsOf(id).length === 0)).toEqual(['F41']);
});

test('what no test can prove is told to whoever decides where it runs', () => {
  for (const id of IDS.filter((each) => testsOf(each).length === 0))
    expect(read('docs/deployment.md')).toContain(`(${id})`);
});

test('docs/incident-table.md is what the code says (UPDATE=1 writes it)', () => {
  const file = 'docs/incident-table.md';
  const { held, expected } = committed(file, withParts(read(file), { incidents: incidentTable() }));
  expect(held).toBe(expected);
});
