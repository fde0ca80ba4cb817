import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';

import { type Daemon, loadConfig, startDaemon } from '../../src/daemon/index.js';
import { type Connector, createConnector } from '../../src/index.js';
import type { MetricsRegistry } from '../../src/observe/index.js';
import { type Store, StoreError, seededRandom } from '../../src/ports/index.js';
import { inMemoryFace, messageEvent, Platform, VirtualClock } from '../../src/simulator/index.js';
import { eventually } from './eventually.js';
import { samplesOf } from './exposition.js';
import { serveHttp } from './loopback.js';
import { MemoryStore } from './memory-store.js';
import { type Watch, watch } from './watch.js';

/** What is wrong with each of the ten; nothing with the last two. */
export const MANNERS = [
  'stuck', // its handler never ends
  'rejected', // its secret is wrong
  'frozen', // its socket freezes, and its next ticket never comes
  'readonly', // its journal cannot be written
  'hookless', // its webhook is down
  'flooded', // it gets a hundred events a second
  'throwing', // its handler always throws
  'blocking', // its handler blocks the loop for a moment
  'calm',
  'quiet',
] as const;
export type Manner = (typeof MANNERS)[number];

const HANDLERS: Readonly<Record<string, string>> = {
  'recording.mjs': `export default { '*': (event) => globalThis.tenApps(event) };`,
  'stuck.mjs': `export default { '*': () => new Promise(() => {}) };`,
  'throwing.mjs': `export default { '*': () => { throw new Error('always'); } };`,
  'blocking.mjs': `export default { '*': () => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10); } };`,
};

export interface TenApps {
  readonly clock: VirtualClock;
  readonly platform: Platform;
  readonly daemon: Daemon;
  readonly folder: string;
  /** Milliseconds between the platform's send and the end of the handler, of each event that was handled. */
  readonly delaysMs: Readonly<Record<string, number[]>>;
  appIdOf(manner: Manner): string;
  /** The connector that runs now. */
  connectorOf(manner: Manner): Connector;
  /** What it went through since it was made. */
  watchOf(manner: Manner): Watch;
  /** Ids of the connections that the apps have now, by name. */
  connections(): Readonly<Record<string, string | null>>;
  samples(): Promise<ReadonlyMap<string, number>>;
  send(manner: Manner): void;
  /** Lets time pass until it settles. */
  inTime<Result>(task: Promise<Result>): Promise<Result>;
  /** An eleventh app, as it stands in a configuration. */
  readonly newcomer: object;
  /** Writes the configuration, each app changed as `change` says. */
  write(change?: (app: Record<string, unknown>) => Record<string, unknown> | null, more?: readonly object[]): void;
  /** Reads the configuration and gives it to the daemon, as SIGHUP does. */
  reload(): Promise<Awaited<ReturnType<Daemon['reload']>>>;
}

/** Ten apps in one daemon from one configuration file, in virtual time. The webhook alone is on a real socket. */
export async function tenApps(): Promise<TenApps> {
  const clock = new VirtualClock();
  const appIdOf = (manner: Manner) => `cli_00000000000000${String(MANNERS.indexOf(manner)).padStart(2, '0')}`;
  const secretOf = (manner: string) => `the-secret-of-${manner}`;
  const newcomer = { appId: 'cli_0000000000000099', appSecret: secretOf('newcomer') };
  const domain = 'http://platform.invalid';
  const platform = new Platform({
    clock,
    random: seededRandom(38),
    apps: [...MANNERS.map((manner) => ({ appId: appIdOf(manner), appSecret: secretOf(manner) })), newcomer],
  });
  const folder = mkdtempSync(join(tmpdir(), 'feishu-ten-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(HANDLERS)) writeFileSync(join(folder, name), text);
  const webhook = await serveHttp((_request, response) => response.writeHead(503).end());
  onTestFinished(() => webhook.close());

  const sentAt = new Map<string, number>();
  const delaysMs: Record<string, number[]> = {};
  Object.assign(globalThis, {
    tenApps: ({ id, appId }: { readonly id: string; readonly appId: string }) => {
      delaysMs[appId] ??= [];
      delaysMs[appId]?.push(clock.now() - (sentAt.get(id) ?? Number.NaN));
    },
  });
  onTestFinished(() => void Reflect.deleteProperty(globalThis, 'tenApps'));

  const appOf = (manner: Manner): Record<string, unknown> => ({
    app: manner,
    appId: appIdOf(manner),
    appSecret: manner === 'rejected' ? 'not-the-secret-at-all' : secretOf(manner),
    domain,
    ...(manner === 'hookless'
      ? { sink: { webhook: { url: webhook.url } } }
      : { handler: `./${`${manner}.mjs` in HANDLERS ? manner : 'recording'}.mjs` }),
    journal: ['readonly', 'calm', 'hookless'].includes(manner) ? { directory: `./journal-${manner}` } : 'none',
  });
  const file = join(folder, 'feishu.yaml');
  const write: TenApps['write'] = (change = (app) => app, more = []) => {
    const apps = [...MANNERS.map(appOf).flatMap((app) => change(app) ?? []), ...more];
    writeFileSync(file, JSON.stringify({ listen: '127.0.0.1:0', logLevel: 'silent', drainMs: 1_000, apps }, null, 1));
  };
  const load = () => loadConfig({ file, env: {}, cwd: folder });

  const connectors = new Map<string, { readonly connector: Connector; readonly watch: Watch }>();
  let registry: MetricsRegistry | null = null;
  let made = 0;
  write();
  const daemon = await startDaemon(await load(), {
    clock,
    logger: pino({ level: 'silent' }),
    stdout: new PassThrough().resume(),
    probe: async () => false,
    createConnector: (options) => {
      registry = options.registry ?? null;
      made += 1;
      const seams = {
        clock,
        random: seededRandom(made),
        ...inMemoryFace(platform, { random: seededRandom(100 + made) }),
      };
      const isReadonly = options.app === 'readonly';
      const store = async () => (isReadonly ? unwritable(clock) : new MemoryStore({ clock }));
      const connector = createConnector({ ...options, seams: { ...seams, store } });
      connectors.set(connector.app, { connector, watch: watch(connector, clock) });
      return connector;
    },
  });
  const world: TenApps = {
    clock,
    platform,
    daemon,
    folder,
    newcomer: { ...newcomer, app: 'newcomer', domain, handler: './recording.mjs' },
    delaysMs,
    appIdOf,
    connectorOf: (manner) => found(connectors, manner).connector,
    watchOf: (manner) => found(connectors, manner).watch,
    connections: () =>
      Object.fromEntries(
        daemon.apps.map((app) => [app, found(connectors, app).connector.status().connected.connectionId]),
      ),
    samples: async () => {
      if (registry === null) throw new Error('no connector was made');
      return samplesOf(registry);
    },
    send: (manner) => {
      const { eventId } = platform.send(messageEvent(), { appId: appIdOf(manner) });
      sentAt.set(eventId, clock.now());
    },
    inTime: async (task) => {
      let isSettled = false;
      const settled = task.finally(() => {
        isSettled = true;
      });
      settled.catch(() => {}); // the caller gets it below
      // Handler modules come from the disk, which knows nothing of virtual time.
      await eventually(async () => {
        await clock.advanceBy(20);
        return isSettled;
      }, 'what time should bring');
      return settled;
    },
    write,
    reload: async () => world.inTime(daemon.reload(await load())),
  };
  onTestFinished(() => world.inTime(daemon.stop({ drainMs: 0 })));
  return world;
}

/** A store that opens, can be read, and takes nothing: a disk that was mounted read-only. */
function unwritable(clock: VirtualClock): Store {
  const store = new MemoryStore({ clock });
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'commit') return () => Promise.reject(new StoreError('failed', 'the file system is read-only'));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function found<Value>(map: ReadonlyMap<string, Value>, name: string): Value {
  const value = map.get(name);
  if (value === undefined) throw new Error(`no app ${name} was made`);
  return value;
}
