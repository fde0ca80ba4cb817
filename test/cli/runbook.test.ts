import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ALERT_NAMES, ALERTS } from '../../src/alerts/index.js';
import { runCli } from '../../src/cli/cli.js';
import { EXIT } from '../../src/cli/exit-code.js';
import { TestFace } from '../support/cli-face.js';

const FOLDER = new URL('../../alerts/runbooks/', import.meta.url);
const shipped = (file: string) => readFileSync(new URL(file, FOLDER), 'utf8');

async function run(...argv: string[]) {
  const face = new TestFace(['runbook', ...argv]);
  const code = await runCli(face);
  return { code, out: face.out, err: face.err };
}

test('a runbook is printed as it is, by the name of its alert or of its file', async () => {
  for (const file of readdirSync(FOLDER)) {
    const told = { code: EXIT.ok, out: shipped(file), err: '' };
    expect(await run(file)).toEqual(told);
    expect(await run(file.replace(/\.md$/, ''))).toEqual(told);
  }
});

test('without a name they are listed, each with what its alert says in a sentence', async () => {
  const { code, out } = await run();
  expect(code).toBe(EXIT.ok);
  const [title, ...rows] = out.trimEnd().split('\n');
  expect(title).toBe('Runbooks; feishu-connector runbook <name> prints one:');
  expect(rows.map((row) => /^ {2}(\S+) {2,}/.exec(row)?.[1])).toEqual(ALERT_NAMES);
  for (const { summary } of ALERTS) expect(out).toContain(summary);
});

test('--json has the list, or one of them, as one line', async () => {
  const { runbooks } = JSON.parse((await run('--json')).out);
  expect(runbooks.map(({ name }: { name: string }) => name)).toEqual(ALERT_NAMES);
  expect(JSON.parse((await run('FeishuWsZombie', '--json')).out)).toEqual({
    name: 'FeishuWsZombie',
    text: shipped('FeishuWsZombie.md'),
  });
});

test('a name that is none is a wrong command line, which names the one that was probably meant', async () => {
  for (const name of ['feishuwszombi', 'wsZombie']) {
    const { code, out, err } = await run(name);
    expect([code, out]).toEqual([EXIT.usage, '']);
    expect(err).toContain(`there is no runbook ${name}. Did you mean FeishuWsZombie?`);
  }
  for (const name of ['../package.json', '../runbooks/FeishuWsZombie', '__proto__', 'constructor'])
    expect(await run(name)).toMatchObject({ code: EXIT.usage, out: '', err: expect.stringContaining('no runbook') });
});
