import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { createConnector } from '../../src/connector.js';
import { createSimulator, messageEvent } from '../../src/simulator/index.js';
import { TestFace } from '../support/cli-face.js';
import { echoingPlatform } from '../support/echoing-platform.js';
import { eventually } from '../support/eventually.js';
import { SecretHunt } from '../support/secret-hunt.js';
import { type Program, secretRun } from '../support/secret-run.js';
import { withFiles } from '../support/temporary-folder.js';

/** The built program, as users start it; `npm test` builds it first. */
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const LIMIT_MS = 300_000;

const builtProgram: Program = {
  start(args, { cwd, env }) {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    return {
      get out() {
        return out;
      },
      get err() {
        return err;
      },
      ended: once(child, 'close').then(([code]) => code as number | null),
      terminate: () => void child.kill('SIGTERM'),
    };
  },
};

/** The sources in this process, with all that they write in memory. */
function sourcesInThisProcess(): Program {
  const before = { ...process.env };
  onTestFinished(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  });
  return {
    start(args, { cwd, env }) {
      // OpenTelemetry's exporter and handlers read the process's own.
      Object.assign(process.env, env);
      const face = new TestFace(args, { cwd, env, createConnector });
      return {
        get out() {
          return face.out;
        },
        get err() {
          return face.err;
        },
        ended: runCli(face),
        terminate: () => face.signal('SIGTERM'),
      };
    },
  };
}

test.each([
  ['the built program', () => builtProgram],
  ['the sources', sourcesInThisProcess],
])(
  'F43: %s, through every fault and every echo, says, keeps and sends no secret',
  async (_what, program) => {
    const { hunt, eventHunt, sayings, troubles } = await secretRun(program());
    // It was a full run.
    expect(troubles.echoes).toBeGreaterThan(100);
    expect(troubles.reconnects).toBeGreaterThan(40);
    // One for each app, and those that followed a revocation: keepers ask once a second at most.
    expect(hunt.count('token')).toBeGreaterThan(4);
    expect(hunt.count('ticket')).toBeGreaterThan(40);
    // And the hunt would have found a secret in each place of it.
    const places = Object.entries(sayings);
    for (const [place, said] of places) {
      expect(said.length, place).toBeGreaterThan(0);
      const planted = Buffer.concat([Buffer.from(said), Buffer.from('W3xUe8RtY5oPq1ZsD7fGh2JkL4zXc9Vb')]);
      expect(hunt.leaksIn({ [place]: planted }), place).toContainEqual(expect.objectContaining({ kind: 'hook' }));
    }
    const missing = [
      'standard output',
      'standard error',
      'spans',
      'webhook requests',
      'faults /metrics',
      'faults /',
    ].filter((place) => !(place in sayings));
    expect(missing).toEqual([]);
    // Commands and looks had what they need to be let in.
    for (const place of ['sinks status --config', 'sinks dead-letters list --config', 'sinks /status'])
      expect(places.find(([name]) => name.startsWith(place))?.[1], place).toContain('bot');
    expect(hunt.leaksIn(sayings)).toEqual([]);
    // Where no event belongs, nothing of one is that opens anything.
    expect(eventHunt.count('verification token')).toBeGreaterThan(0);
    const holdsEvents = /^(standard output|webhook requests|letter |journal file |.* dead-letters show )/;
    expect(eventHunt.leaksIn(Object.fromEntries(places.filter(([name]) => !holdsEvents.test(name))))).toEqual([]);
  },
  LIMIT_MS,
);

/** How a handler module brings the process down, with what it should not say. */
const CRASHES = {
  throws: 'setImmediate(() => { throw wrong; });',
  rejects: 'Promise.reject(wrong);',
  'throws no error': 'setImmediate(() => { throw secret; });',
  'emits an error that nobody hears': "new EventEmitter().emit('error', wrong);",
} as const;

test.each(Object.entries(CRASHES))(
  'F43: a process that a handler brings down, as it %s, ends with no secret in its last words, its reports and its journal',
  async (_how, crash) => {
    const secret = 'k9TzQ4wXv7LmB2nRp6YcH3sJd8FgA5eU';
    const app = { appId: 'cli_00000000000000f9', appSecret: secret };
    const simulator = createSimulator({ apps: [app] });
    onTestFinished(() => simulator.stop());
    const { url } = await simulator.start();
    const hunt = new SecretHunt();
    const platform = await echoingPlatform(url, hunt);
    onTestFinished(() => platform.close());
    for (const [kind, text] of Object.entries({ secret, password: 'rd-P4ss "of/readers+ours', control: CONTROL }))
      hunt.learn(kind, text);
    const handler = `
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
export default {
  'im.message.receive_v1': async (_event, { client }) => {
    const secret = readFileSync('secret', 'utf8').trim();
    const token = await client.tokenManager.getTenantAccessToken();
    const wrong = Object.assign(new Error('cannot sign with ' + secret, { cause: new Error(token) }), {
      config: { headers: { Authorization: 'Bearer ' + token } },
      errors: [secret, token],
    });
    wrong.stack += ' at ' + encodeURIComponent(token) + Buffer.from(secret).toString('base64');
    process.stderr.write('crashing\\n');
    setImmediate(() => { ${crash} });
  },
};
`;
    const config = {
      ...app,
      appSecret: undefined,
      appSecretFile: './secret',
      domain: platform.url,
      handler: './handler.mjs',
      listen: '127.0.0.1:0',
      logLevel: 'trace',
      http: { user: 'a reader of ours', password: 'rd-P4ss "of/readers+ours' },
      control: { token: CONTROL },
      journal: { directory: './journal' },
    };
    const files = { secret, 'handler.mjs': handler, 'feishu.json': JSON.stringify(config) };
    await withFiles(files, async (cwd) => {
      const daemon = builtProgram.start(['run', '--config', 'feishu.json'], {
        cwd,
        // Whatever an operator may have switched on to find out why.
        env: {
          NODE_OPTIONS: '--report-uncaught-exception --report-on-fatalerror --trace-uncaught --report-directory=.',
          NODE_DEBUG: '*',
        },
      });
      onTestFinished(() => daemon.terminate());
      await eventually(
        () => simulator.platform.connections().length > 0 || daemon.err.includes('fatal'),
        'it connects',
      );
      simulator.send(messageEvent({ text: 'crash' }));
      expect(await daemon.ended).toBe(1);
      expect([hunt.count('token'), hunt.count('ticket')]).toEqual([1, 1]);
      expect(daemon.err).toMatch(/"level":"fatal".*"event":"(uncaughtException|unhandledRejection)"/);
      const left = await readdir(cwd, { recursive: true, withFileTypes: true });
      const said: Record<string, string | Buffer> = { out: daemon.out, err: daemon.err };
      for (const entry of left)
        if (entry.isFile() && !(entry.name in files))
          said[entry.name] = await readFile(join(entry.parentPath, entry.name));
      expect(Object.keys(said).length).toBeGreaterThan(3);
      expect(hunt.leaksIn(said)).toEqual([]);
    });
  },
  LIMIT_MS,
);
const CONTROL = 'cT9f3Kx7Qw2Zr5Vb8Nm1Lp4Hd6Jg0Sa3Ty';
