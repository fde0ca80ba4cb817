import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { alertFiles, prometheusRule, resolveAlertOptions, ruleFiles } from '../../src/alerts/index.js';
import { runTool } from '../support/run-tool.js';
import { withFiles } from '../support/temporary-folder.js';

const FOLDER = fileURLToPath(new URL('../../alerts/', import.meta.url));
const SHIPPED = alertFiles(resolveAlertOptions());

test.each(Object.keys(SHIPPED))('alerts/%s is what the generator says; UPDATE=1 writes it anew', (name) => {
  const path = join(FOLDER, name);
  if (process.env.UPDATE === '1') {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, SHIPPED[name] ?? '');
  }
  expect(readFileSync(path, 'utf8')).toBe(SHIPPED[name]);
});

test('the same options give the same text', () => {
  expect(alertFiles(resolveAlertOptions({ job: 'bots' }))).toEqual(alertFiles(resolveAlertOptions({ job: 'bots' })));
});

test('promtool reads the rule files', async () => {
  const names = Object.keys(ruleFiles(resolveAlertOptions()));
  expect(await runTool('promtool', ['check', 'rules', '--lint-fatal', ...names], FOLDER)).toMatchObject({
    exitCode: 0,
  });
});

test.each([1, 20, 240])('promtool reads the rule files of another site, %i times as fast', async (timeScale) => {
  const options = resolveAlertOptions({ job: "bots of 'sales'", appLabel: 'feishu_app', timeScale });
  const files = ruleFiles(options);
  const run = await withFiles(files, (folder) =>
    runTool('promtool', ['check', 'rules', '--lint-fatal', ...Object.keys(files)], folder),
  );
  expect(run).toMatchObject({ exitCode: 0 });
});

test('the PrometheusRule holds all groups of the three files, and promtool reads them', async () => {
  const options = resolveAlertOptions();
  const { spec, ...object } = parse(prometheusRule(options));
  expect(object).toMatchObject({ apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule' });
  expect(spec.groups).toEqual(Object.values(ruleFiles(options)).flatMap((text) => parse(text).groups));
  const run = await withFiles({ 'all.yml': stringify(spec) }, (folder) =>
    runTool('promtool', ['check', 'rules', '--lint-fatal', 'all.yml'], folder),
  );
  expect(run).toMatchObject({ exitCode: 0 });
});

test('promtool reads the example configuration with the rule files it names', async () => {
  const run = await runTool('promtool', ['check', 'config', '--lint-fatal', 'prometheus.example.yml'], FOLDER);
  expect(run).toMatchObject({ exitCode: 0 });
  expect(run.output.match(/SUCCESS: \d+ rules found/g)).toHaveLength(3);
});

test('amtool reads the example configuration', async () => {
  const run = await runTool('amtool', ['check-config', 'alertmanager.example.yml'], FOLDER);
  expect(run).toMatchObject({ exitCode: 0 });
  expect(run.output).toMatch(/9 inhibit rules[\s\S]*3 receivers/);
});
