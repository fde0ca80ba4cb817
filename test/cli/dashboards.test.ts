import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { EXIT } from '../../src/cli/exit-code.js';
import { adaptDashboard } from '../../src/cli/shipped/adapt-dashboard.js';
import { TestFace } from '../support/cli-face.js';

let cwd = '';
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'feishu-dashboards-'));
});
afterEach(() => rm(cwd, { recursive: true }));

async function run(...argv: string[]) {
  const face = new TestFace(['dashboards', ...argv], { cwd });
  const code = await runCli(face);
  return { code, out: face.out, err: face.err };
}

const SHIPPED = new URL('../../dashboards/', import.meta.url);
const shipped = (name: string) => readFile(new URL(name, SHIPPED), 'utf8');
const written = (name: string) => readFile(join(cwd, 'out', name), 'utf8');
const BOARDS = ['feishu-connection.json', 'feishu-events.json', 'feishu-objectives.json', 'feishu-overview.json'];

test('without options it writes the shipped boards as they are', async () => {
  const { code, out, err } = await run('--out', 'out');
  expect([code, err]).toEqual([EXIT.ok, '']);
  expect((await readdir(join(cwd, 'out'))).sort()).toEqual(BOARDS);
  for (const name of BOARDS) expect(await written(name)).toBe(await shipped(name));
  expect(out).toContain(`written   ${join(cwd, 'out', 'feishu-overview.json')}\n`);
});

test('the provisioning files come along when asked for', async () => {
  await run('--out', 'out', '--provisioning');
  const names = (await readdir(new URL('provisioning/', SHIPPED))).filter((name) => name.endsWith('.yml'));
  expect(names.length).toBeGreaterThan(0);
  expect((await readdir(join(cwd, 'out', 'provisioning'))).sort()).toEqual(names.sort());
});

test('without --out it lists the boards with their questions, and writes nothing', async () => {
  const { code, out } = await run();
  expect(code).toBe(EXIT.ok);
  for (const name of BOARDS) expect(out).toMatch(new RegExp(`^ {2}${name} +.+: .+\\?$`, 'm'));
  expect(JSON.parse((await run('--json')).out).files.map(({ name }: { name: string }) => name)).toEqual(BOARDS);
  expect(await readdir(cwd)).toEqual([]);
});

test('what is there with other content stays unless forced', async () => {
  await run('--out', 'out');
  await writeFile(join(cwd, 'out', 'feishu-events.json'), '{}');
  const refused = await run('--out', 'out');
  expect([refused.code, await written('feishu-events.json')]).toEqual([EXIT.failure, '{}']);
  const { files } = JSON.parse((await run('--out', 'out', '--force', '--json')).out);
  expect(files.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
    'unchanged',
    'replaced',
    'unchanged',
    'unchanged',
  ]);
});

test.each([
  [['--app-label', 'two words'], /--app-label must be the name of a label/],
  [['--job', 'a}b'], /--job must be a name/],
  [['--runbook-url', 'https://wiki.example/'], /--runbook-url must not end in a slash/],
])('%s is a mistake on the command line', async (flags, message) => {
  const { code, err } = await run('--out', 'out', ...flags);
  expect(code).toBe(EXIT.usage);
  expect(err).toMatch(message);
  expect(await readdir(cwd)).toEqual([]);
});

/** Every text of a dashboard by its key, without the prose. */
function textsOf(text: string): { readonly key: string; readonly value: string }[] {
  const found: { key: string; value: string }[] = [];
  const walk = (key: string, json: unknown): void => {
    if (typeof json === 'string') found.push({ key, value: json });
    else if (Array.isArray(json)) for (const item of json) walk(key, item);
    else if (typeof json === 'object' && json !== null) for (const [own, item] of Object.entries(json)) walk(own, item);
  };
  walk('', JSON.parse(text));
  return found.filter(({ key }) => !['description', 'title'].includes(key));
}

test.each(BOARDS)('in %s the renamed label reaches every expression, legend and column', async (name) => {
  const flags = ['--app-label', 'feishu_app', '--job', 'bots', '--data-source', 'mimir'];
  await run('--out', 'out', ...flags, '--runbook-url', 'https://wiki.example/rb');
  const board = await written(name);
  const texts = textsOf(board);
  // The variable keeps its name: links between the boards carry it.
  const word = /(?<![\w$:])app(?![\w:])/;
  const left = texts.filter(({ key, value }) => key !== 'name' && word.test(value));
  expect(left).toEqual([]);
  expect(texts.some(({ key, value }) => key === 'expr' && value.includes('feishu_app=~"$app"'))).toBe(true);
  const { templating } = JSON.parse(board);
  const variable = (wanted: string) => templating.list.find((each: { name: string }) => each.name === wanted);
  expect(variable('app').definition).toMatch(/, feishu_app\)$/);
  expect(variable('job').current).toEqual({ selected: true, text: ['bots'], value: ['bots'] });
  expect(variable('datasource').current).toEqual({ selected: true, text: 'mimir', value: 'mimir' });
  expect(variable('runbooks').query).toBe('https://wiki.example/rb');
  // Nothing but names changed: renamed back it is the shipped one.
  const original = JSON.parse(await shipped(name));
  const { datasource, job, runbooks } = Object.fromEntries(
    original.templating.list.map((each: { name: string }) => [each.name, each]),
  );
  const back = JSON.parse(board.replaceAll('feishu_app', 'app').replaceAll('https://wiki.example/rb', runbooks.query));
  for (const each of back.templating.list) {
    if (each.name === 'job') each.current = job.current;
    if (each.name === 'datasource' && datasource.current === undefined) delete each.current;
  }
  expect(back).toEqual(original);
});

test('only the label is renamed: not the variable, values, metrics or words', () => {
  const expr =
    'sum by (job, app) (job_app:x{app=~"$app", a="app"}) / on (app) group_left m{b=\'app\', app="it\\"s app"}';
  const board = { panels: [{ description: 'one app', targets: [{ expr, legendFormat: '{{app}} {{ app_id }} app' }] }] };
  const adapted = JSON.parse(adaptDashboard(JSON.stringify(board), { appLabel: 'bot' }));
  expect(adapted.panels[0]).toEqual({
    description: 'one app',
    targets: [
      {
        expr: 'sum by (job, bot) (job_app:x{bot=~"$app", a="app"}) / on (bot) group_left m{b=\'app\', bot="it\\"s app"}',
        legendFormat: '{{bot}} {{ app_id }} app',
      },
    ],
  });
});
