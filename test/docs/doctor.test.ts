import { expect, test } from 'vitest';
import { diagnosisOf } from '../../src/doctor/diagnosis.js';
import { CHECKS, DIAGNOSIS_VERSION } from '../../src/doctor/index.js';
import { doctorParts } from './doctor-page.js';
import { committed, read, withParts } from './support/root.js';

const FILE = 'docs/doctor.md';

test('docs/doctor.md has the table of checks (UPDATE=1 writes it)', () => {
  const { held, expected } = committed(FILE, withParts(read(FILE), doctorParts()));
  expect(held).toBe(expected);
});

test('every check stands once in docs/doctor.md', () => {
  const [, part = ''] = /<!-- generated: checks -->([\s\S]*?)<!-- end -->/.exec(read(FILE)) ?? [];
  for (const name of Object.keys(CHECKS)) expect(part.split(`\n| \`${name}\` |`), name).toHaveLength(2);
});

test('the JSON that is shown has the fields that are written, and they are all described', () => {
  const page = read(FILE);
  const shown = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '') as Record<string, object[]>;
  const written = diagnosisOf({ at: '', daemon: null, apps: [], checks: [], notices: [] });
  expect(Object.keys(shown)).toEqual(Object.keys(written));
  expect(shown.schemaVersion).toBe(DIAGNOSIS_VERSION);
  for (const field of Object.keys(written)) expect(page).toContain(`\n| \`${field}\` | `);
  expect(Object.keys(shown.checks?.[0] ?? {})).toEqual([
    ...['app', 'name', 'result', 'evidence', 'advice', 'ageMs', 'tookMs'],
  ]);
  for (const { name } of (shown.checks ?? []) as { name: string }[]) expect(Object.keys(CHECKS)).toContain(name);
});
