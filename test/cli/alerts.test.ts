import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ALERT_NAMES, THRESHOLDS } from '../../src/alerts/index.js';
import { runCli } from '../../src/cli/cli.js';
import { EXIT } from '../../src/cli/exit-code.js';
import { TestFace } from '../support/cli-face.js';

let cwd = '';
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'feishu-alerts-'));
});
afterEach(() => rm(cwd, { recursive: true }));

async function run(...argv: string[]) {
  const face = new TestFace(['alerts', ...argv], { cwd });
  const code = await runCli(face);
  return { code, out: face.out, err: face.err };
}

const shipped = (name: string) => readFile(new URL(`../../alerts/${name}`, import.meta.url), 'utf8');
const written = (name: string) => readFile(join(cwd, 'out', name), 'utf8');

const PROMETHEUS_FILES = [
  'alertmanager.example.yml',
  'feishu-alerts.rules.yml',
  'feishu-baseline.rules.yml',
  'feishu-recording.rules.yml',
  'prometheus.example.yml',
];

test('without options it writes the shipped files, and says which', async () => {
  const { code, out, err } = await run('--out', 'out');
  expect([code, err]).toEqual([EXIT.ok, '']);
  expect((await readdir(join(cwd, 'out'))).sort()).toEqual(PROMETHEUS_FILES);
  for (const name of PROMETHEUS_FILES) {
    expect(await written(name)).toBe(await shipped(name));
    expect(out).toContain(`written   ${join(cwd, 'out', name)}\n`);
  }
});

test('the format of Kubernetes is one file, and goes to standard output without --out', async () => {
  expect((await run('--format', 'prometheus-rule', '--out', 'out')).code).toBe(EXIT.ok);
  const name = 'feishu-prometheus-rule.kubernetes.yml';
  expect(await readdir(join(cwd, 'out'))).toEqual([name]);
  expect(await written(name)).toBe(await shipped(name));
  const { code, out } = await run('--format', 'prometheus-rule');
  expect([code, out]).toEqual([EXIT.ok, await shipped(name)]);
  expect(parse(out)).toMatchObject({ kind: 'PrometheusRule' });
});

test('thresholds, job, label and addresses of a site stand in the rules', async () => {
  const flags = ['--threshold', 'queueRatio=0.625', '--threshold', 'flapsPer15m=7', '--job', 'bots'];
  flags.push('--app-label', 'feishu_app', '--runbook-url', 'https://wiki.example/runbooks');
  flags.push('--dashboard-url', 'https://grafana.example');
  expect((await run('--out', 'out', ...flags)).code).toBe(EXIT.ok);
  const rules = await written('feishu-alerts.rules.yml');
  expect(rules).toContain('(0.625 * feishu_event_queue_capacity)');
  expect(rules).toContain('runbook_url: https://wiki.example/runbooks/FeishuQueueSaturated.md');
  expect(rules).toContain('https://grafana.example/d/');
  expect(rules).toContain('{job="bots"}');
  expect(rules).toContain('$labels.feishu_app');
  expect(rules).not.toMatch(/\$labels\.app\b/);
  expect(parse(await written('prometheus.example.yml')).scrape_configs[0].job_name).toBe('bots');
});

test('the runbooks come along when asked for', async () => {
  await run('--out', 'out', '--runbooks');
  const runbooks = await readdir(join(cwd, 'out', 'runbooks'));
  expect(runbooks.sort()).toEqual([...ALERT_NAMES.map((name) => `${name}.md`), 'README.md'].sort());
  expect(await written('runbooks/README.md')).toBe(await shipped('runbooks/README.md'));
});

test('a file of other content is not replaced, and nothing else is written then', async () => {
  await run('--out', 'out');
  await rm(join(cwd, 'out', 'prometheus.example.yml'));
  await writeFile(join(cwd, 'out', 'feishu-alerts.rules.yml'), 'mine');
  const refused = await run('--out', 'out');
  expect([refused.code, refused.out]).toEqual([EXIT.failure, '']);
  expect(refused.err).toMatch(
    /there are other files already: \S+feishu-alerts\.rules\.yml\. Replace them with --force/,
  );
  expect(await readdir(join(cwd, 'out'))).not.toContain('prometheus.example.yml');
  expect(await written('feishu-alerts.rules.yml')).toBe('mine');

  const forced = await run('--out', 'out', '--force', '--json');
  expect(forced.code).toBe(EXIT.ok);
  const { folder, files } = JSON.parse(forced.out);
  expect(folder).toBe(join(cwd, 'out'));
  expect(Object.fromEntries(files.map((file: { path: string; outcome: string }) => [file.path, file.outcome]))).toEqual(
    {
      [join(folder, 'alertmanager.example.yml')]: 'unchanged',
      [join(folder, 'feishu-alerts.rules.yml')]: 'replaced',
      [join(folder, 'feishu-baseline.rules.yml')]: 'unchanged',
      [join(folder, 'feishu-recording.rules.yml')]: 'unchanged',
      [join(folder, 'prometheus.example.yml')]: 'written',
    },
  );
  expect(await written('feishu-alerts.rules.yml')).toBe(await shipped('feishu-alerts.rules.yml'));
});

test('without --out it lists files and every threshold with its reason, and writes nothing', async () => {
  const { code, out } = await run('--threshold', 'queueRatio=0.5');
  expect(code).toBe(EXIT.ok);
  for (const name of PROMETHEUS_FILES) expect(out).toContain(`  ${name}\n`);
  for (const [name, { value, why }] of Object.entries(THRESHOLDS)) {
    const shown = `${name}=${name === 'queueRatio' ? 0.5 : value}`;
    expect(out).toMatch(new RegExp(`^ {2}${shown.replaceAll('.', '\\.')} +\\S`, 'm'));
    expect(out).toContain(why);
  }
  expect(await readdir(cwd)).toEqual([]);
  const listed = JSON.parse((await run('--json')).out);
  expect(listed.alerts).toEqual(ALERT_NAMES);
  expect(listed.thresholds.queueRatio).toBe(THRESHOLDS.queueRatio.value);
});

test.each([
  [['--threshold', 'queueRatoi=1'], /--threshold: there is no threshold queueRatoi\. Did you mean queueRatio\?/],
  [['--threshold', 'nonsense=1'], /there is no threshold nonsense\. Known are reconnectSlackSeconds, /],
  [['--threshold', 'queueRatio=2'], /--threshold queueRatio must be between 0 and 1, got 2/],
  [['--threshold', 'queueRatio'], /It must be a name and a number, as in queueRatio=0\.9/],
  [['--threshold', 'queueRatio=many'], /It must be a name and a number/],
  [['--job', 'a"b'], /--job must be a name without quotes/],
  [['--app-label', 'job'], /--app-label must be the name of a label of its own/],
  [['--runbook-url', 'https://wiki.example/'], /--runbook-url must not end in a slash/],
  [['--dashboard-url', 'https://grafana.example/'], /--dashboard-url must not end in a slash/],
  [['--format', 'terraform'], /Allowed choices are prometheus, prometheus-rule/],
])('%s is a mistake on the command line, and nothing is written', async (flags, message) => {
  const { code, out, err } = await run('--out', 'out', ...flags);
  expect([code, out]).toEqual([EXIT.usage, '']);
  expect(err).toMatch(message);
  expect(await readdir(cwd)).toEqual([]);
});

test('a folder that cannot be made is a failure with its reason, as JSON if asked for', async () => {
  await writeFile(join(cwd, 'file'), '');
  const { code, err } = await run('--out', 'file/out', '--json');
  expect(code).toBe(EXIT.failure);
  expect(JSON.parse(err)).toMatchObject({ error: 'Error', message: expect.stringContaining('ENOTDIR') });
});
