import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { freePorts } from '../../src/monitoring/index.js';
import { createSimulator, DEFAULT_APP, messageEvent, type Simulator } from '../../src/simulator/index.js';
import { type Fence, fencesOf, PAGES, placeOf } from '../docs/support/pages.js';
import { read } from '../docs/support/root.js';
import { eventually } from '../support/eventually.js';
import { PageShell, type StayingProcess } from './support/page-shell.js';

/** A page in order: its blocks, and the places where it says to stop what runs. */
type Step = { readonly fence: Fence } | { readonly stop: true };

function stepsOf(page: string): readonly Step[] {
  const stops = read(page)
    .split('\n')
    .flatMap((line, index) => (line.trim() === '<!-- stop -->' ? [index + 1] : []));
  const steps = [
    ...fencesOf(page).map((fence) => ({ line: fence.line, step: { fence } as Step })),
    ...stops.map((line) => ({ line, step: { stop: true } as Step })),
  ];
  return steps.sort((one, other) => one.line - other.line).map(({ step }) => step);
}

/** Why a block is not run, if it says so. */
function excuseOf({ mark }: Fence): string | null {
  return /^not run: (.+)$/.exec(mark)?.[1] ?? null;
}

/** A platform, and a terminal in which the addresses that pages name are those of this test. */
async function scene() {
  const [simulatorPort = 0, daemonPort = 0] = await freePorts(2);
  const platform = createSimulator({ seed: 7 });
  const { url } = await platform.start();
  onTestFinished(() => platform.stop());
  const shell = await PageShell.open([
    ['FEISHU_DOMAIN=feishu', `FEISHU_DOMAIN=${url}`],
    // The library's examples say nothing of a domain: Feishu is the default.
    ["appSecretFile: '/run/secrets/feishu',", `appSecretFile: './feishu-secret', domain: '${url}',`],
    // Nobody but root makes these; beside the journal is where a daemon of nobody in particular has its socket.
    ['appSecretFile: /run/secrets/feishu', 'appSecretFile: ./feishu-secret'],
    ['/var/lib/feishu-connector', './journal'],
    ['/run/feishu-connector/', './journal/'],
    ['7777', String(simulatorPort)],
    ['9464', String(daemonPort)],
  ]);
  onTestFinished(() => shell.close());
  return { platform, url, shell, listen: { FEISHU_LISTEN: `127.0.0.1:${daemonPort}` } };
}

test('the quick start works from its first line to its last', { timeout: 240_000 }, async () => {
  const { platform, shell, listen } = await scene();
  /** The terminal of the daemon: what is exported there stays. */
  const terminal: Record<string, string> = { ...listen };
  let daemon: StayingProcess | null = null;
  for (const step of stepsOf('docs/quick-start.md')) {
    if ('stop' in step) {
      await shell.stop();
      continue;
    }
    const { fence } = step;
    const [, file] = /^file: (.+)$/.exec(fence.mark) ?? [];
    const [, pattern] = /^stays: (.+)$/.exec(fence.mark) ?? [];
    if (file !== undefined) {
      await shell.write(file, fence.text);
    } else if (fence.mark === 'event') {
      platform.send(messageEvent({ text: 'hello' }));
      const [line] = (await daemon?.saw(/^\{"id":.*\}$/m)) ?? [];
      expect(JSON.parse(line ?? 'null')).toMatchObject(shapeOf(JSON.parse(fence.text)) as object);
    } else if (pattern !== undefined) {
      daemon = await shell.stay(fence.text, new RegExp(pattern), terminal);
      for (const [, name = '', value = ''] of shell.meant(fence.text).matchAll(/^export (\w+)=(.*)$/gm))
        terminal[name] = value;
      if (fence.text.includes('FEISHU_HANDLER')) {
        platform.send(messageEvent({ text: 'and again' }));
        await daemon.saw(/"msg":"a message"/);
        await answered(platform);
      }
    } else if (fence.language === 'sh' && excuseOf(fence) === null) {
      const said = await shell.run(fence.text);
      expect({ at: placeOf(fence), ...said }).toEqual({ at: placeOf(fence), ...said, code: 0 });
    }
  }
});

test('the bot that the README shows answers', { timeout: 60_000 }, async () => {
  const { platform, shell } = await scene();
  const [bot] = fencesOf('README.md').filter(({ mark }) => mark === 'examples/bot.ts');
  await shell.write('feishu-secret', DEFAULT_APP.appSecret);
  await shell.compile('bot', bot?.text ?? '');
  const running = await shell.stay('node bot.js', /"event":"connected"/, { FEISHU_APP_ID: DEFAULT_APP.appId });
  platform.send(messageEvent({ text: 'hello' }));
  await running.saw(/"msg":"a message"/);
  await answered(platform);
});

test('the daemon runs with the file that the page on configuration shows', { timeout: 60_000 }, async () => {
  const { platform, url, shell, listen } = await scene();
  const [command] = fencesOf('docs/configuration.md').filter(({ mark }) => /^stays: /.test(mark));
  const files = ['docs/configuration.md', 'docs/quick-start.md'].flatMap(fencesOf).flatMap(({ mark, text }) => {
    const [, name] = /^file: (.+)$/.exec(mark) ?? [];
    return name === undefined ? [] : [{ name, text }];
  });
  expect(files.map(({ name }) => name)).toEqual(['connector.yaml', 'bot.mjs']);
  for (const { name, text } of files) await shell.write(name, shell.meant(text));
  await shell.write('feishu-secret', DEFAULT_APP.appSecret);
  const daemon = await shell.stay(command?.text ?? '', /"event":"connected"/, { ...listen, FEISHU_DOMAIN: url });
  platform.send(messageEvent({ text: 'hello' }));
  await daemon.saw(/"msg":"a message"/);
  await answered(platform);
});

test('the simulator that its page shows runs, in a terminal and in a test', { timeout: 60_000 }, async () => {
  const { shell } = await scene();
  const [command] = fencesOf('docs/simulator.md').filter(({ mark }) => /^stays: /.test(mark));
  await shell.stay(command?.text ?? '', /Connect to it/);
  const [snippet] = fencesOf('docs/simulator.md').filter(({ language }) => language === 'ts');
  await shell.compile('broken', `${snippet?.text}\nconsole.log(new URL(url).hostname);\nawait simulator.stop();`);
  expect(await shell.run('node broken.js')).toEqual({ code: 0, stdout: '127.0.0.1\n', stderr: '' });
});

/** Pages whose commands ask a daemon that runs, or nobody. The READMEs' are read by their parser alone. */
const ASKING = PAGES.filter((page) => !/^README|quick-start/.test(page)).filter((page) =>
  fencesOf(page).some((fence) => fence.language === 'sh' && excuseOf(fence) === null),
);

test('the commands of every other page do what they say', { timeout: 240_000 }, async () => {
  const { platform, url, shell, listen } = await scene();
  const terminal = {
    ...listen,
    FEISHU_APP_ID: DEFAULT_APP.appId,
    FEISHU_APP_SECRET: DEFAULT_APP.appSecret,
    FEISHU_DOMAIN: url,
    FEISHU_JOURNAL_DIRECTORY: './journal',
  };
  await shell.write('connector.yaml', stringify({ ...DEFAULT_APP, domain: url, journal: { directory: './journal' } }));
  const daemon = await shell.stay('feishu-connector run', /"event":"connected"/, terminal);
  platform.send(messageEvent({ text: 'hello' }));
  await daemon.saw(/^\{"id":.*\}$/m);
  for (const fence of ASKING.flatMap(fencesOf)) {
    if (fence.language !== 'sh' || excuseOf(fence) !== null || /^stays: /.test(fence.mark)) continue;
    // A pipe into grep says with its code whether what the page looks for is there.
    const said = await shell.run(fence.text, terminal);
    expect({ at: placeOf(fence), ...said }).toEqual({ at: placeOf(fence), ...said, code: 0 });
  }
});

test('no more than a few blocks are not run, each with its reason', () => {
  const excused = PAGES.flatMap(fencesOf).filter((fence) => fence.language === 'sh' && excuseOf(fence) !== null);
  for (const fence of excused) expect(excuseOf(fence), placeOf(fence)).toMatch(/^.{20,}$/);
  expect(excused.length).toBeLessThan(10);
});

test('whatever stays is run by a test of its page', () => {
  const pages = PAGES.filter((page) => fencesOf(page).some(({ mark }) => /^stays: /.test(mark)));
  expect(pages).toEqual(['docs/configuration.md', 'docs/quick-start.md', 'docs/simulator.md']);
});

/** Resolves once the bot has said what those of the pages say. */
function answered({ platform }: Simulator): Promise<void> {
  const hasAnswered = () => platform.sent.at(-1)?.content.includes('Heard you.') === true;
  return eventually(hasAnswered, 'an answer of the bot');
}

/** What holds of any event of that kind: the names and the types of what an example shows. */
function shapeOf(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shapeOf(each)]));
  }
  return typeof value === 'string' ? expect.any(String) : expect.any(Number);
}
