import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNetwork, systemClock } from '../../src/adapters/index.js';
import { alertGroups, baselineGroups, recordingGroups, resolveAlertOptions } from '../../src/alerts/index.js';
import { Round } from '../../src/doctor/check.js';
import { PROMETHEUS_CHECKS } from '../../src/doctor/prometheus-checks.js';
import {
  ChildProgram,
  findPrograms,
  openInbox,
  ProgramFailedError,
  ProgramMissingError,
  SCALED_ALERTS,
  startMonitoring,
} from '../../src/monitoring/index.js';
import { eventually } from '../support/eventually.js';
import { serveHttp } from '../support/loopback.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feishu-programs-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A program of a few lines under a name of its own. */
async function program(name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const settings = { connectors: ['127.0.0.1:9'], alerts: SCALED_ALERTS };

test('stopped, both programs are gone, and so is everything they wrote; twice is once', async () => {
  const inbox = await openInbox();
  const monitoring = await startMonitoring({ ...settings, receivers: inbox.receivers });
  const { prometheusUrl, alertmanagerUrl, pids, directory } = monitoring;
  for (const url of [prometheusUrl, alertmanagerUrl]) expect((await fetch(`${url}/-/ready`)).status).toBe(200);
  expect([pids.map(isRunning), existsSync(directory)]).toEqual([[true, true], true]);
  await Promise.all([monitoring.stop(), monitoring.stop()]);
  expect([pids.map(isRunning), existsSync(directory)]).toEqual([[false, false], false]);
  await inbox.close();
});

test('both programs end with a process that is killed without a word', async () => {
  const script = fileURLToPath(new URL('fixtures/abandoned.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { pids, directory } = JSON.parse(line) as { pids: number[]; directory: string };
  expect(pids.map(isRunning)).toEqual([true, true]);
  child.kill('SIGKILL');
  await eventually(() => !pids.some(isRunning), 'the end of both programs', { deadlineMs: 30_000, pauseMs: 50 });
  // Nobody is left who could remove it.
  await rm(directory, { recursive: true });
});

test('a program that does not heed SIGTERM is killed', async () => {
  const path = await program('stubborn', "trap '' TERM\necho trapped >&2\nwhile :; do sleep 1; done");
  const stubborn = await ChildProgram.start('stubborn', path, []);
  await eventually(() => stubborn.log === 'trapped', 'its trap');
  await stubborn.stop(50);
  expect(isRunning(stubborn.pid)).toBe(false);
});

test('one that ends before it is ready is an error with its last words, and leaves nothing behind', async () => {
  const path = await program('prometheus', 'echo "level=error err=\\"no space left on device\\"" >&2\nexit 1');
  await program('alertmanager', `exec ${findPrograms(process.env.PATH ?? '').alertmanager} "$@"`);
  const inbox = await openInbox();
  const started = startMonitoring({ ...settings, receivers: inbox.receivers, path: folder });
  await expect(started).rejects.toThrow(ProgramFailedError);
  await expect(started).rejects.toThrow(/^prometheus ended before it was ready:\n.*no space left on device/);
  await inbox.close();
  await rm(path);
});

test('one that never gets ready is an error once its time is over', async () => {
  const idle = await ChildProgram.start('idle', await program('idle', 'exec sleep 60'), []);
  await expect(idle.ready('http://127.0.0.1:9/-/ready', 1)).rejects.toThrow(/^idle was not ready within 1 ms/);
  await idle.stop(1_000);
});

test('Debian and the projects themselves call them by different names; what is missing is named', async () => {
  const [debian, projects] = [join(folder, 'debian'), join(folder, 'projects')];
  for (const [where, names] of [
    [debian, ['prometheus', 'prometheus-alertmanager']],
    [projects, ['prometheus', 'alertmanager']],
  ] as const) {
    await mkdir(where);
    for (const name of names) await program(join(where, name).slice(folder.length + 1), 'exit 0');
  }
  expect(findPrograms(debian).alertmanager).toBe(join(debian, 'prometheus-alertmanager'));
  expect(findPrograms(`/nowhere:${projects}`).alertmanager).toBe(join(projects, 'alertmanager'));
  await rm(join(projects, 'alertmanager'));
  expect(() => findPrograms(projects)).toThrow(ProgramMissingError);
  expect(() => findPrograms(projects)).toThrow(/^alertmanager not found.*\n.*apt-get install prometheus-alertmanager;/);
});

test('the inbox tells news once, repetitions not at all, and refuses what it does not know', async () => {
  const inbox = await openInbox();
  const labels = { alertname: 'FeishuAppDeaf', app: 'one' };
  const send = async (url: string, status: string, body?: string) => {
    const alerts = [{ status, labels, annotations: {} }];
    return (await fetch(url, { method: 'POST', body: body ?? JSON.stringify({ alerts }) })).status;
  };
  const { pagerUrl, ticketUrl } = inbox.receivers;
  for (const status of ['firing', 'firing', 'resolved', 'firing']) expect(await send(pagerUrl, status)).toBe(200);
  expect(await send(ticketUrl, 'firing')).toBe(200);
  expect(inbox.news.map(({ mailbox, status }) => `${mailbox} ${status}`)).toEqual([
    'pager firing',
    'pager resolved',
    'pager firing',
    'ticket firing',
  ]);
  expect([inbox.count('pager'), inbox.count('watchdog')]).toEqual([4, 0]);
  expect(await send(pagerUrl.replace('/pager', '/nobody'), 'firing')).toBe(400);
  expect(await send(pagerUrl, 'firing', 'not JSON')).toBe(400);
  await inbox.close();
});

test('doctor finds every shipped rule in a real Prometheus, which spells them its own way, and all that it needs', async () => {
  const inbox = await openInbox();
  const connector = await serveHttp((_request, response) => response.end('feishu_ws_connected{app="bot"} 1\n'));
  const connectors = [new URL(connector.url).host];
  const monitoring = await startMonitoring({ ...settings, connectors, receivers: inbox.receivers });
  const network = createNetwork({ proxy: 'none' });
  const options = resolveAlertOptions(SCALED_ALERTS);
  const watcher = {
    url: monitoring.prometheusUrl,
    http: network.http,
    clock: systemClock,
    job: options.job,
    rules: [...recordingGroups(options), ...alertGroups(options), ...baselineGroups(options)].flatMap(({ rules }) =>
      rules.map((rule) => ({ name: 'alert' in rule ? rule.alert : rule.record, expr: rule.expr })),
    ),
    watchdog: 'FeishuWatchdog',
  };
  const look = () =>
    new Round(null, { clock: systemClock, endsAt: systemClock.now() + 60_000 }).make(PROMETHEUS_CHECKS, watcher);
  // The watchdog needs an evaluation, and Alertmanager to be discovered.
  await eventually(async () => (await look()).every(({ result }) => result === 'ok'), 'all being well', {
    deadlineMs: 60_000,
    pauseMs: 200,
  });
  const of = (name: string, results: Awaited<ReturnType<typeof look>>) => results.find((check) => check.name === name);
  const count = new Set(watcher.rules.map(({ name }) => name)).size;
  const well = await look();
  expect(of('rules', well)?.evidence).toBe(
    `${count} of ${count} rules are loaded, with the expressions of this version`,
  );
  expect(of('targets', well)?.evidence).toContain(`1 target {job="feishu-connector"} up (${connectors[0]})`);
  await connector.close();
  await eventually(async () => of('targets', await look())?.result === 'fail', 'the target being down', {
    deadlineMs: 60_000,
    pauseMs: 200,
  });
  await network.close();
  await monitoring.stop();
  await inbox.close();
});
