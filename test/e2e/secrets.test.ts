import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { createConnector } from '../../src/connector.js';
import { TestFace } from '../support/cli-face.js';
import { type Program, secretRun } from '../support/secret-run.js';

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
    const { hunt, sayings, troubles } = await secretRun(program());
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
    expect(hunt.leaksIn(sayings)).toEqual([]);
  },
  LIMIT_MS,
);
