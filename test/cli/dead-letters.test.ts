import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/index.js';
import { runCli } from '../../src/cli/cli.js';
import { safeJson } from '../../src/cli/dead-letters/lines.js';
import { EXIT } from '../../src/cli/exit-code.js';
import { createConnector } from '../../src/connector.js';
import type { LetterPage } from '../../src/connector-dead-letters.js';
import { openJournalStore, resolveJournalOptions } from '../../src/connector-journal.js';
import { JOURNAL_TABLES } from '../../src/delivery/index.js';
import { DEFAULT_APP, messageEvent } from '../../src/simulator/index.js';
import { TestFace } from '../support/cli-face.js';
import { eventually } from '../support/eventually.js';
import { DIED_AT, type LetterDraft, storeWithLetters } from '../support/letter-store.js';
import { loopback, serveHttp, serveTcp } from '../support/loopback.js';
import { OTHER_APP, realPlatform } from '../support/real-world.js';
import { SecretHunt } from '../support/secret-hunt.js';
import { StoreProcess } from '../support/store-process.js';
import { withFiles } from '../support/temporary-folder.js';

const { appId, appSecret } = DEFAULT_APP;
/** A port where nobody listens: it was free a moment ago, and is taken by no one without privileges. */
const NOBODY = '127.0.0.1:1';
const ENV = { FEISHU_APP_ID: appId, FEISHU_APP_SECRET: appSecret, FEISHU_LISTEN: NOBODY };
const CONTROL = { FEISHU_CONTROL_TOKEN: 'a-token-of-the-test' };

/** Refuses every event until it is mended, with a secret in what it throws. */
const HANDLER = `
export default {
  'im.message.receive_v1': async (event) => {
    if (globalThis.isMended) return;
    const error = new Error('CRM said no to app_secret=hunter22');
    error.name = 'Undeliverable';
    throw error;
  },
};`;

function setMended(isMended: boolean): void {
  Object.assign(globalThis, { isMended });
}

/** Runs the command to its end, and returns what it said. */
async function deadLetters(argv: readonly string[], given: ConstructorParameters<typeof TestFace>[1] = {}) {
  const face = new TestFace(['dead-letters', ...argv], given);
  const code = await runCli(face);
  expect([face.listenerCount, face.exits]).toEqual([0, []]);
  const lines = () =>
    face.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { code, out: face.out, err: face.err, json: () => JSON.parse(face.out), lines };
}

interface Scene {
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly url: string;
  /** Starts the daemon, and waits until it is connected. @returns The base URL of its HTTP surface. */
  run(
    listen?: string,
    more?: Record<string, string>,
  ): Promise<{ readonly url: string; readonly face: TestFace; stop(): Promise<void> }>;
  /** Has so many messages become dead letters. @returns Their event ids. */
  fail(texts: readonly string[]): Promise<string[]>;
}

/** The simulator, and a daemon with a journal whose handler refuses everything. */
async function scene(use: (scene: Scene) => Promise<void>): Promise<void> {
  setMended(false);
  const { url, simulator } = await realPlatform();
  await withFiles({ 'handler.mjs': HANDLER }, async (cwd) => {
    const env = {
      ...ENV,
      FEISHU_DOMAIN: url,
      FEISHU_HANDLER: join(cwd, 'handler.mjs'),
      FEISHU_JOURNAL_DIRECTORY: join(cwd, 'journal'),
    };
    const running: (() => Promise<void>)[] = [];
    const run = async (listen = '127.0.0.1:0', more: Record<string, string> = {}) => {
      const face = new TestFace(['run', '--listen', listen], { env: { ...env, ...more }, cwd, createConnector });
      const ended = runCli(face);
      let isStopped = false;
      const stop = async () => {
        if (isStopped) return;
        isStopped = true;
        face.signal('SIGTERM');
        await ended;
      };
      running.push(stop);
      await face.saw(/\[feishu\] connected"/);
      const own = /"url":"(http:[^"]+)"/.exec(face.err)?.[1] ?? '';
      return { url: own, face, stop };
    };
    const fail = async (texts: readonly string[]) => {
      const ids: string[] = [];
      for (const text of texts) {
        const sent = simulator.send(messageEvent({ text }));
        // One after the other: so they come in this order, whatever the sockets do.
        await eventually(() => sent.state === 'acknowledged', `the acknowledgement of ${text}`);
        ids.push(sent.eventId);
      }
      return ids;
    };
    try {
      await use({ cwd, env, url, run, fail });
    } finally {
      for (const stop of running) await stop();
    }
  });
}

/** Waits until so many dead letters are in the daemon's journal: it counts them before they are. */
async function untilCount(url: string, count: number): Promise<void> {
  await eventually(async () => {
    const { letters } = (await (await fetch(`${url}/dead-letters`)).json()) as LetterPage;
    return letters.length === count;
  }, `${count} dead letters`);
}

test('the way of an operator: list, show, mend, replay, drop, all at the running daemon', async () => {
  await scene(async ({ env, cwd, run, fail }) => {
    const daemon = await run();
    const ids = await fail(['first', 'second', 'third']);
    await untilCount(daemon.url, 3);
    const given = { env: { ...env, FEISHU_LISTEN: new URL(daemon.url).host }, cwd };

    const list = await deadLetters(['list'], given);
    expect([list.code, list.err]).toEqual([EXIT.ok, '']);
    const [title, heads, ...rows] = list.out.trimEnd().split('\n');
    expect([title, rows.length]).toEqual([`${appId}  3 dead letters`, 3]);
    expect(heads).toMatch(/^ {2}age +event id +type +reason +attempts +detail$/);
    const at = (heads ?? '').indexOf('event id');
    expect(rows.map((row) => row.slice(at).split(' ', 1)[0])).toEqual(ids);
    expect(rows[0]).toMatch(/im\.message\.receive_v1 {2}undeliverable {2}1 +CRM said no to app_secret=\[redacted\]$/);

    // As the log line says it, without --app.
    const [command] = /feishu-connector dead-letters show \w+/.exec(daemon.face.err) ?? [];
    expect(command).toBe(`feishu-connector dead-letters show ${ids[0]}`);
    const shown = await deadLetters((command ?? '').split(' ').slice(2), given);
    expect(shown.code).toBe(EXIT.ok);
    expect(shown.json()).toMatchObject({ header: { event_id: ids[0], token: '[redacted]' } });
    expect(shown.json().event.message.content).toBe('{"text":"first"}');
    expect(shown.err).toMatch(/^ {2}event id {2}\w+\n {2}type {6}im\.message\.receive_v1\n {2}app {7}cli_/);
    expect((await deadLetters(['show', ids[1] ?? '', '--app', appId, '--json'], given)).json()).toMatchObject({
      by: 'daemon',
      eventId: ids[1],
      envelope: { header: { event_id: ids[1] } },
    });

    setMended(true);
    const replayed = await deadLetters(['replay', ids[0] ?? ''], given);
    expect([replayed.code, replayed.out, replayed.err]).toEqual([EXIT.ok, `replayed  ${ids[0]}  ${appId}\n`, '']);
    await untilCount(daemon.url, 2);
    const dropped = await deadLetters(['drop', ids[1] ?? '', 'nonesuch', '--json'], given);
    expect(dropped.code).toBe(EXIT.failure);
    expect(dropped.lines()).toEqual([
      { app: appId, appId, eventId: ids[1], how: 'dropped' },
      { app: null, eventId: 'nonesuch', error: expect.any(String), hint: expect.any(String), reason: 'no_such_letter' },
      { how: 'dropped', settled: 1, failed: 1, left: 0 },
    ]);
    const all = await deadLetters(['replay', '--all'], { ...given, isTty: true });
    expect([all.code, all.out]).toEqual([EXIT.ok, 'replayed: 1 dead letter\n']);
    expect(all.err).toMatch(/^\rreplayed 1 of 1\r +\r$/);
    await untilCount(daemon.url, 0);
    expect((await deadLetters(['list'], given)).out).toBe(`${appId}  no dead letters\n`);
    const none = await deadLetters(['drop', '--all', '--yes'], given);
    expect([none.code, none.out]).toEqual([EXIT.ok, 'dropped: no dead letters\n']);
  });
});

test('replay --all ends although each one dies again, and keeps their order', async () => {
  await scene(async ({ env, cwd, run, fail }) => {
    const daemon = await run('127.0.0.1:0', CONTROL);
    await fail(['a', 'b', 'c']);
    await untilCount(daemon.url, 3);
    const ids = async () => {
      const { letters } = (await deadLetters(['list', '--json', '--url', daemon.url])).json();
      return letters.map(({ eventId }: { eventId: string }) => eventId);
    };
    const before = await ids();
    const { code, lines } = await deadLetters(['replay', '--all', '--json', '--url', daemon.url], {
      env: { ...env, ...CONTROL },
      cwd,
    });
    expect([code, lines().at(-1)]).toEqual([EXIT.ok, { how: 'replayed', settled: 3, failed: 0, left: 0 }]);
    await untilCount(daemon.url, 3);
    expect(await ids()).toEqual(before);
  });
});

test('where no daemon runs the journal is read, and what is replayed runs at the next start', async () => {
  await scene(async ({ env, cwd, run, fail }) => {
    const daemon = await run();
    const [first = '', second = '', third = ''] = await fail(['a', 'b', 'c']);
    await untilCount(daemon.url, 3);
    await daemon.stop();

    const list = await deadLetters(['list', '--limit', '2'], { env, cwd });
    expect([list.code, list.err]).toEqual([
      EXIT.ok,
      `Nobody listens at http://${NOBODY}. The journal itself is read.\n`,
    ]);
    expect(list.out).toContain(first);
    const [, after = ''] = /\n\nMore: --after (\S+)\n$/.exec(list.out) ?? [];
    const next = (await deadLetters(['list', '--json', '--after', after], { env, cwd })).json();
    expect(next).toMatchObject({ by: 'journal', letters: [{ eventId: third }], next: null });
    expect((await deadLetters(['show', second], { env, cwd })).json()).toMatchObject({ header: { event_id: second } });

    const replayed = await deadLetters(['replay', first, third], { env, cwd });
    expect(replayed.code).toBe(EXIT.ok);
    expect(replayed.err).toMatch(/The journal itself is opened\.\nIt runs when the connector starts next\.\n$/);
    expect((await deadLetters(['drop', second], { env, cwd })).code).toBe(EXIT.ok);
    expect((await deadLetters(['list'], { env, cwd })).out).toBe(`${appId}  no dead letters\n`);

    // The handler still refuses them: they ran, and are dead letters again.
    const again = await run();
    await untilCount(again.url, 2);
    const { letters } = (await deadLetters(['list', '--json', '--url', again.url])).json();
    expect(letters.map(({ eventId }: { eventId: string }) => eventId)).toEqual([first, third]);
  });
});

test('with port 0 the living daemon’s journal is read beside it, and settled only by the daemon', async () => {
  await scene(async ({ env, cwd, run, fail }) => {
    const daemon = await run();
    const [id = ''] = await fail(['a']);
    await untilCount(daemon.url, 1);
    const given = { env: { ...env, FEISHU_LISTEN: '127.0.0.1:0' }, cwd };
    expect((await deadLetters(['show', id, '--json'], given)).json()).toMatchObject({ by: 'journal', eventId: id });
    for (const argv of [
      ['drop', id],
      ['drop', '--all', '--yes'],
    ]) {
      const { code, err } = await deadLetters(argv, given);
      expect(code).toBe(EXIT.failure);
      expect(err).toMatch(/is owned by .*Ask that process: name the address of its HTTP surface with --url\./s);
    }
    await untilCount(daemon.url, 1);
  });
});

test('a daemon that listens everywhere is asked over its control socket, as in a container', async () => {
  await scene(async ({ env, cwd, run, fail }) => {
    const daemon = await run('0.0.0.0:0');
    const [first = '', second = ''] = await fail(['a', 'b']);
    await untilCount(daemon.url, 2);
    const { port } = new URL(daemon.url);
    const given = { env: { ...env, FEISHU_LISTEN: `0.0.0.0:${port}` }, cwd };
    expect((await deadLetters(['list', '--json'], given)).json()).toMatchObject({ by: 'daemon', apps: [{ count: 2 }] });
    expect((await deadLetters(['show', first], given)).json()).toMatchObject({ header: { event_id: first } });
    expect((await deadLetters(['replay', first], given)).out).toBe(`replayed  ${first}  ${appId}\n`);
    // Its path alone is enough, without any configuration.
    const socket = `unix:${join(cwd, 'journal', `control-${port}.sock`)}`;
    expect((await deadLetters(['drop', second, '--url', socket])).out).toBe(`dropped  ${second}  ${appId}\n`);
    // By its address it may as well be another machine's.
    const named = await deadLetters(['show', second, '--url', `http://127.0.0.1:${port}`], given);
    expect([named.code, named.out]).toEqual([EXIT.failure, '']);
    expect(named.err).toContain('refuses: not over the network: there is no control token');
  });
});

test('without a control socket a daemon lists, and its events are read from its directory', async () => {
  await scene(async ({ env, cwd, run, fail }) => {
    const daemon = await run('127.0.0.1:0', { FEISHU_CONTROL_SOCKET: 'none' });
    const [id = ''] = await fail(['a']);
    await untilCount(daemon.url, 1);
    const given = { env: { ...env, FEISHU_LISTEN: new URL(daemon.url).host }, cwd };
    expect((await deadLetters(['list', '--json'], given)).json()).toMatchObject({ by: 'daemon', apps: [{ count: 1 }] });
    const shown = await deadLetters(['show', id], given);
    expect([shown.code, shown.json().header.event_id]).toEqual([EXIT.ok, id]);
    expect(shown.err).toContain('The journal itself is read.');
    const dropped = await deadLetters(['drop', id], given);
    expect([dropped.code, dropped.out]).toEqual([EXIT.failure, '']);
    expect(dropped.err).toMatch(/refuses: not over the network.*FEISHU_CONTROL_SOCKET.*FEISHU_CONTROL_TOKEN_FILE/s);
  });
});

/** Makes a journal with these dead letters, as a process leaves it that is gone. */
async function leaveJournal(directory: string, drafts: readonly (LetterDraft | string)[]): Promise<void> {
  const from = await storeWithLetters(systemClock, drafts);
  const store = await openJournalStore(resolveJournalOptions({ directory, durability: 'process' }));
  const tables = [JOURNAL_TABLES.deadLetters, JOURNAL_TABLES.deadLetterIds];
  await store.commit(tables.flatMap((table) => from.range(table).map(([key, value]) => ({ table, key, value }))));
  await store.close();
}

/** The configuration of one app whose journal holds these dead letters, and of no daemon that runs. */
async function withJournal(
  drafts: readonly (LetterDraft | string)[],
  use: (given: { readonly env: Record<string, string>; readonly cwd: string }) => Promise<void>,
): Promise<void> {
  await withFiles({}, async (cwd) => {
    await leaveJournal(join(cwd, 'journal', appId), drafts);
    await use({ env: { ...ENV, FEISHU_JOURNAL_DIRECTORY: join(cwd, 'journal') }, cwd });
  });
}

test('many are listed page by page, and settled all', async () => {
  const ids = Array.from({ length: 1_234 }, (_, index) => `e${index}`);
  await withJournal(ids, async (given) => {
    const seen: string[] = [];
    let after: string[] = [];
    for (;;) {
      const page = (await deadLetters(['list', '--json', '--limit', '500', ...after], given)).json();
      seen.push(...page.letters.map(({ eventId }: { eventId: string }) => eventId));
      if (page.next === null) break;
      after = ['--after', page.next];
    }
    expect(seen).toEqual(ids);
    expect((await deadLetters(['list'], given)).out).toMatch(/ 1,234 dead letters\n/);
    const { code, out } = await deadLetters(['drop', '--all', '--yes'], given);
    expect([code, out]).toEqual([EXIT.ok, 'dropped: 1,234 dead letters\n']);
    expect((await deadLetters(['list', '--json'], given)).json().apps[0].count).toBe(0);
  });
});

const HOSTILE = [
  '..',
  '-x',
  '~',
  'a b',
  "it's",
  '\u001b[2J\u001b[31m',
  'om_\u202egnp',
  '\ud800',
  'x'.repeat(600),
  '<b>',
  'line\nfeed',
];

test('whatever ids and texts hold, a terminal shows lines of ours alone, and each is settled', async () => {
  const drafts = HOSTILE.map((eventId) => ({
    eventId,
    detail: `\u001b]0;gone\u0007 fake line\n  ok  daemon ${eventId}`,
    envelope: { schema: '2.0', event: { text: `\u009b31m \u202e ${eventId}` } },
  }));
  await withJournal(drafts, async (given) => {
    const list = await deadLetters(['list'], given);
    expect(list.out.trimEnd().split('\n')).toHaveLength(2 + HOSTILE.length);
    const shown: string[] = [];
    for (const id of HOSTILE) {
      // No argument of a command line holds half a surrogate pair.
      const { out, err } = await deadLetters(['show', '--', id], given);
      expect(JSON.parse(out)).toEqual({ schema: '2.0', event: { text: `\u009b31m \u202e ${id}` } });
      shown.push(out, err);
    }
    const json = await deadLetters(['list', '--json'], given);
    expect(json.json().letters.map(({ eventId }: { eventId: string }) => eventId)).toEqual(HOSTILE);
    for (const text of [list.out, json.out, ...shown]) expect(text).not.toMatch(/[^\P{C}\n]/u);
    const replayed = await deadLetters(['replay', '--all', '--json'], given);
    expect([replayed.code, replayed.lines().at(-1)]).toEqual([
      EXIT.ok,
      { how: 'replayed', settled: HOSTILE.length, failed: 0, left: 0 },
    ]);
  });
});

test('hostile JSON reads the same as it was written', () => {
  const value = { '\u001b[2J': ['\u202e', '😀', '\ud800', '\u{e0001}', 'line\nfeed', 1, null] };
  for (const indent of [0, 2]) expect(JSON.parse(safeJson(value, indent))).toEqual(value);
});

test('a journal that another process owns is settled only by that process', async () => {
  await withFiles({}, async (cwd) => {
    const directory = join(cwd, 'journal', appId);
    // A store of another program: that it is in use is told before what is in it.
    await mkdir(directory, { recursive: true });
    const owner = new StoreProcess(directory, 'process', 1);
    await owner.printed(1);
    const env = { ...ENV, FEISHU_JOURNAL_DIRECTORY: join(cwd, 'journal') };
    const { code, out, err } = await deadLetters(['replay', '--all'], { env, cwd });
    expect([code, out]).toEqual([EXIT.failure, '']);
    expect(err).toContain(`is owned by pid ${owner.child.pid}`);
    expect(err).toContain('name the address of its HTTP surface with --url');
    await owner.kill();
  });
});

test('where no journal was ever made there are no dead letters, and none is made', async () => {
  await withFiles({}, async (cwd) => {
    const env = { ...ENV, FEISHU_JOURNAL_DIRECTORY: 'none' };
    expect((await deadLetters(['list'], { env, cwd })).out).toBe(`${appId}  no dead letters\n`);
    const { code, err } = await deadLetters(['replay', 'e1'], { env, cwd });
    expect([code, err]).toEqual([EXIT.failure, expect.stringContaining('no dead letter of the id "e1"')]);
    expect(existsSync(join(cwd, 'none'))).toBe(false);
  });
});

test.each<[string, readonly string[], RegExp]>([
  ['no ids', ['replay'], /replay: name the event ids, or --all/],
  ['ids and --all', ['replay', 'e1', '--all'], /but not both/],
  ['drop --all without --yes', ['drop', '--all'], /throws them away for good; add --yes/],
  ['drop of ids with --yes', ['drop', 'e1', '--yes'], /--yes is for --all/],
  ['show without an id', ['show'], /missing required argument 'id'/],
  ['two ids to show', ['show', 'e1', 'e2'], /too many arguments/],
  ['a limit of nothing', ['list', '--limit', '0'], /from 1 to 1000/],
  ['a bad position', ['list', '--after', 'x'], /after is what next of the page before says/],
  ['an app that nobody has', ['list', '--app', 'sale'], /--app: no such app\. There are cli_/],
  ['no command', [], /Usage: feishu-connector dead-letters/],
  ['a command that there is not', ['lost'], /unknown command 'lost'[\s\S]*Did you mean list\?/],
])('%s is a mistake of the command line', async (_what, argv, message) => {
  await withJournal(['e1'], async (given) => {
    const { code, out, err } = await deadLetters(argv, given);
    expect([code, out]).toEqual([EXIT.usage, '']);
    expect(err).toMatch(message);
    expect((await deadLetters(['list', '--json'], given)).json().apps[0].count).toBe(1);
  });
});

test('without a journal in the configuration there is nothing to ask for, at the daemon or without one', async () => {
  const { url } = await realPlatform();
  const env = { ...ENV, ...CONTROL, FEISHU_DOMAIN: url };
  const face = new TestFace(['run', '--listen', '127.0.0.1:0'], { env, createConnector });
  const ended = runCli(face);
  await face.saw(/daemon started/);
  const daemon = /"url":"(http:[^"]+)"/.exec(face.err)?.[1] ?? '';
  for (const argv of [['list'], ['show', 'e1'], ['list', '--url', daemon]]) {
    const { code, err } = await deadLetters([...argv, '--json'], { env });
    expect([code, JSON.parse(err).message]).toEqual([
      EXIT.usage,
      `${appId} without a journal: there are no dead letters. Name a directory for it: journal.directory in the configuration, or FEISHU_JOURNAL_DIRECTORY.`,
    ]);
  }
  expect((await deadLetters(['drop', 'e1', '--url', daemon], { env })).err).toContain('without a journal');
  face.signal('SIGTERM');
  await ended;
});

test.each<[string, string, RegExp]>([
  ['another web server', '<h1>It works!</h1>', /is no feishu-connector: JSON of another shape/],
  ['another JSON service', '{"letters":[{"eventId":1}],"apps":[],"next":null}', /another shape \(at letters\.0\./],
])('%s at the address is told as such', async (_what, body, message) => {
  const server = await serveHttp((_request, response) => response.end(body));
  onTestFinished(() => server.close());
  const { code, out, err } = await deadLetters(['list', '--url', server.url]);
  expect([code, out]).toEqual([EXIT.failure, '']);
  expect(err).toMatch(message);
});

test('an older daemon, one that hangs and one that is not there are told apart, and no journal is opened beside', async () => {
  const older = await serveHttp((_request, response) => {
    response.statusCode = 404;
    response.end(JSON.stringify({ error: 'no such endpoint', hint: 'There are /metrics.' }));
  });
  const hanging = await loopback(createServer(() => {}));
  const strange = await serveTcp((socket) => socket.end('220 mail ESMTP\r\n'));
  for (const server of [older, hanging, strange]) onTestFinished(() => server.close());
  await withJournal(['e1'], async ({ env, cwd }) => {
    const cases: readonly (readonly [number, RegExp])[] = [
      [older.port, /it is older\. Restart it/],
      [hanging.port, /does not answer \(.*Look at its log; --timeout gives it longer/],
      [strange.port, /is no feishu-connector/],
    ];
    for (const [port, message] of cases) {
      for (const argv of [['list'], ['show', 'e1'], ['drop', 'e1']]) {
        const given = { env: { ...env, FEISHU_LISTEN: `127.0.0.1:${port}` }, cwd };
        const { code, out, err } = await deadLetters([...argv, '--timeout', '1'], given);
        expect([code, out]).toEqual([EXIT.failure, '']);
        expect(err).toMatch(message);
      }
    }
    const gone = await deadLetters(['list', '--url', `http://${NOBODY}`], { env, cwd });
    expect([gone.code, gone.err]).toEqual([
      EXIT.failure,
      expect.stringContaining(`nobody listens at http://${NOBODY}`),
    ]);
  });
});

test('of several apps each is named, and an id that one alone has needs no name', async () => {
  await withJournal(['e1', 'same'], async ({ cwd }) => {
    await leaveJournal(join(cwd, 'journal', OTHER_APP.appId), ['same']);
    await writeFile(
      join(cwd, 'connector.yaml'),
      `listen: ${NOBODY}
journal: { directory: ./journal }
apps:
  - { app: sales, appId: ${appId}, appSecret: ${appSecret} }
  - { app: support, appId: ${OTHER_APP.appId}, appSecret: ${OTHER_APP.appSecret} }
  - { app: plain, appId: cli_00000000000000bb, appSecret: ${appSecret}, journal: none }
`,
    );
    const run = (...argv: string[]) => deadLetters([...argv, '--config', 'connector.yaml'], { cwd });
    expect((await run('list')).out).toMatch(
      /^sales {2}2 dead letters\n[\s\S]+\n\nsupport {2}1 dead letter\n[\s\S]+\n\nplain {2}without a journal\n$/,
    );
    expect((await run('show', 'e1', '--json')).json()).toMatchObject({ app: 'sales' });
    expect((await run('show', 'same')).code).toBe(EXIT.usage);
    expect((await run('show', 'same')).err).toContain('several apps have a dead letter of this id: sales, support');
    expect((await run('drop', 'same', '--app', OTHER_APP.appId, '--json')).lines()[0]).toMatchObject({
      app: 'support',
    });
    expect((await run('show', 'same', '--json')).json()).toMatchObject({ app: 'sales' });
    expect((await run('drop', 'e1')).code).toBe(EXIT.ok);
  });
});

test('a signal ends it after the letter that is under way, and says how far it came', async () => {
  let settledCount = 0;
  let face: TestFace | null = null;
  const letters = ['e1', 'e2', 'e3'].map((eventId) => ({
    app: 'bot',
    appId,
    eventId,
    eventType: 't',
    reason: 'held',
    attempts: 0,
    detail: '',
    source: 'push',
    arrivedAt: DIED_AT,
    diedAt: DIED_AT,
    payloadBytes: 2,
  }));
  const server = await serveHttp(({ method, url = '' }, response) => {
    const [, , eventId] = url.split('/');
    if (method === 'GET') {
      response.end(JSON.stringify({ apps: [{ app: 'bot', appId, count: 3, problem: null }], letters, next: null }));
      return;
    }
    settledCount += 1;
    face?.signal('SIGINT');
    response.end(JSON.stringify({ app: 'bot', appId, eventId, how: 'replayed' }));
  });
  onTestFinished(() => server.close());
  face = new TestFace(['dead-letters', 'replay', '--all', '--url', server.url]);
  expect([await runCli(face), settledCount]).toEqual([EXIT.interrupted, 1]);
  expect([face.out, face.err]).toEqual([
    'replayed: 1 dead letter\n',
    'feishu-connector: not come to: 2 dead letters\n',
  ]);
});

test('a queue that is full is waited for, and one that stays full ends it', async () => {
  let refusals = 0;
  const letters = ['e1', 'e2'];
  const server = await serveHttp(({ url = '' }, response) => {
    const [, , eventId = ''] = url.split('/');
    if (url.startsWith('/dead-letters?')) {
      response.end(JSON.stringify({ apps: [], letters: [], next: null }));
      return;
    }
    if (eventId === 'e1' && refusals > 2) {
      response.end(JSON.stringify({ app: 'bot', appId, eventId, how: 'replayed' }));
      return;
    }
    refusals += 1;
    response.statusCode = 503;
    response.end(JSON.stringify({ error: 'full', hint: 'Try again soon.', reason: 'busy' }));
  });
  onTestFinished(() => server.close());
  const { code, lines } = await deadLetters([
    'replay',
    ...letters,
    'e3',
    '--json',
    '--timeout',
    '1',
    '--url',
    server.url,
  ]);
  expect(code).toBe(EXIT.failure);
  expect(lines()).toMatchObject([
    { eventId: 'e1', how: 'replayed' },
    { eventId: 'e2', reason: 'busy' },
    { settled: 1, failed: 1, left: 1 },
  ]);
});

test('F43: nothing that the command says holds a secret, whoever answers', async () => {
  const hunt = new SecretHunt();
  hunt.learn('app secret', appSecret);
  const said: Record<string, string> = {};
  const note = async (argv: readonly string[], given: ConstructorParameters<typeof TestFace>[1]) => {
    const { out, err } = await deadLetters(argv, given);
    said[argv.join(' ')] = out + err;
  };
  await scene(async ({ env, cwd, run, fail }) => {
    const daemon = await run();
    const [id = ''] = await fail(['a']);
    await untilCount(daemon.url, 1);
    const given = { env: { ...env, FEISHU_LISTEN: new URL(daemon.url).host }, cwd };
    for (const argv of [['list'], ['show', id], ['replay', id], ['drop', 'none'], ['list', '--app', 'none']]) {
      await note(argv, given);
      await note([...argv, '--json'], given);
    }
  });
  const stranger = await serveHttp((_request, response) => {
    response.statusCode = 500;
    response.end(JSON.stringify({ error: `app_secret=${appSecret}`, hint: `Bearer ${appSecret}` }));
  });
  onTestFinished(() => stranger.close());
  for (const argv of [['list'], ['show', 'x', '--json'], ['drop', 'x']])
    await note([...argv, '--url', stranger.url], {});
  expect(Object.keys(said)).toHaveLength(13);
  expect(hunt.leaksIn(said)).toEqual([]);
  expect(Object.values(said).join('')).not.toContain('hunter22');
});

test('the help documents ways, objects and exit codes', async () => {
  const { code, out } = await deadLetters(['replay', '--help']);
  expect(code).toBe(EXIT.ok);
  expect(out).toMatch(/0 {2}done[\s\S]*1 {2}could not[\s\S]*2 {2}wrong command line[\s\S]*130, 143 {2}SIGINT, SIGTERM/);
  for (const word of ['settled', 'failed', 'left', '--url']) expect(out).toContain(word);
  expect((await deadLetters(['list', '--help'])).out).toMatch(/next {5}what --after takes/);
});

test.each([
  [true, {}, true],
  [true, { NO_COLOR: '1' }, false],
  [false, {}, false],
])('on a TTY %s with %o colours are %s', async (isTty, more, isColoured) => {
  await withJournal(['e1'], async ({ env, cwd }) => {
    const { out } = await deadLetters(['list'], { isTty, cwd, env: { ...env, ...more } });
    expect(out.includes('\u001b[')).toBe(isColoured);
  });
});
