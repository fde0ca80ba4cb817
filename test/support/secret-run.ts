import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import {
  BRISK_CLIENT_CONFIG,
  cardActionEvent,
  createSimulator,
  FAULT_KINDS,
  type FaultOf,
  messageEvent,
  type Simulator,
} from '../../src/simulator/index.js';
import { ECHOES, type Echo, type EchoingPlatform, echoingPlatform, REPETITIONS } from './echoing-platform.js';
import { eventually } from './eventually.js';
import { everyFault } from './every-fault.js';
import { loopback, serveHttp, serveTcp } from './loopback.js';
import { SecretHunt } from './secret-hunt.js';

/** The program, in this process or in one of its own. */
export interface Program {
  start(args: readonly string[], around: Around): RunningProgram;
}

export interface Around {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface RunningProgram {
  /** All that it wrote so far. */
  readonly out: string;
  readonly err: string;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
  terminate(): void;
}

/** What the whole run is asked for: each of these has to hold no secret. */
export type Sayings = Record<string, string | Uint8Array>;

export interface SecretRun {
  readonly hunt: SecretHunt;
  /** Knows what events carry and nothing else should: the verification token of each app. */
  readonly eventHunt: SecretHunt;
  readonly sayings: Sayings;
  /** How often each kind of trouble came about, so that a run that went around them cannot pass. */
  readonly troubles: { readonly echoes: number; readonly deadLetters: number; readonly reconnects: number };
}

const SECRETS = {
  bot: 'k9TzQ4wXv7LmB2nRp6YcH3sJd8FgA5eU',
  hook: 'W3xUe8RtY5oPq1ZsD7fGh2JkL4zXc9Vb',
  tunnel: 'Nm6QaZ1wSx4EdC7rFv0TgB9yHn3UjM5i',
  broker: 'Pl2OkM8ijN4uhB6ygV0tfC5rdX9eszW3',
  webhook: `whsec_${Buffer.from('a webhook secret of thirty bytes!').toString('base64')}`,
  webhookKey: 'query+key/of the=webhook',
  proxyPassword: 'pr0xy:p@ss"word/of+ours',
  natsPassword: 'n4ts-p@ssword "quoted" of ours',
  natsToken: 'Tk5xW8qZ2nB7vC4mL9pR3sD6fG1hJ0',
  // A JWT of the name `us`, and the seed of a user nkey; neither opens anything.
  natsJwt: 'eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5In0.eyJzdWIiOiJ1cyJ9.c2lnbmF0dXJlT2ZUaGVUZXN0T2ZPdXJz',
  natsSeed: 'SUALSK56QRFAHP7RQTXGGLHN6TW6DX4M6WTDGJQURRWPUK6G4FW2ARTIEM',
  collector: 'Q29sbGVjdG9yIGtleSBvZiBvdXJz',
  control: 'cT9f3Kx7Qw2Zr5Vb8Nm1Lp4Hd6Jg0Sa3Ty',
  httpPassword: 'rd-P4ss "of/readers+ours',
  creds: 'Cr8eD2sOfBr0kerNk3yXw5Vq7Ut9Zs1M',
  token: 'To4kEn6BrOk3rPw8Xz2Yv5Wu1Ts9Rq7N',
} as const;

const READER = 'a reader of ours';
const BASIC = `Basic ${Buffer.from(`${READER}:${SECRETS.httpPassword}`).toString('base64')}`;
const CREDS = `-----BEGIN NATS USER JWT-----
${SECRETS.natsJwt}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${SECRETS.natsSeed}
------END USER NKEY SEED------
`;

const APPS = (['bot', 'hook', 'tunnel', 'broker', 'creds', 'token'] as const).map((name, index) => ({
  name,
  appId: `cli_00000000000000f${index}`,
  appSecret: SECRETS[name],
}));
const BOT = APPS[0]?.appId ?? '';

/** What a handler may do wrong, by the text of the message; the token is the one that the platform gave. */
const HANDLER = `
import { readFileSync } from 'node:fs';
const call = (client) => client.im.message.create({
  params: { receive_id_type: 'chat_id' },
  data: { receive_id: 'oc_0', msg_type: 'text', content: '{}' },
});
export default {
  'im.message.receive_v1': async (event, { client, logger }) => {
    const { text } = JSON.parse(event.data.message.content);
    const secret = readFileSync(process.env.SECRET_RUN_FILE, 'utf8').trim();
    const token = await client.tokenManager.getTenantAccessToken().catch(() => 'none');
    switch (text) {
      case 'fine': return;
      case 'escapes': await call(client); return;
      case 'logs':
        try { await call(client); } catch (err) {
          logger.error({ err, error: err, config: err.config }, 'the call failed: ' + err.message);
          logger.trace({ response: err.response?.data }, String(err.stack));
        }
        logger.warn({ headers: { Authorization: 'Bearer ' + token } }, 'asked with ' + token);
        return;
      case 'payload': throw new Error('cannot handle ' + JSON.stringify(event));
      case 'secret': throw new Error('cannot sign with ' + secret);
      case 'token': throw new TypeError('no such user for ' + token);
      case 'cut': throw new Error('x'.repeat(185) + ' ' + secret);
      case 'encoded': throw new Error('https://db.example/?' + new URLSearchParams({ secret, token }));
      case 'basic': throw new Error('Basic64 ' + Buffer.from('us:' + secret).toString('base64'));
      case 'quoted': throw new Error(JSON.stringify(JSON.stringify({ said: secret, token })));
      case 'text': throw secret;
      case 'cause': throw new Error('outer', { cause: new Error(secret) });
      case 'aggregate': throw new AggregateError([new Error(token)], 'all of ' + secret);
    }
  },
  'card.action.trigger': async (_event, { client }) => {
    throw new Error(await client.tokenManager.getTenantAccessToken().catch(() => 'none'));
  },
};
`;
const TEXTS = [...HANDLER.matchAll(/case '(\w+)': *(?:throw|await|\n)/g)].map(([, text]) => text ?? '');
const BURIED = TEXTS.filter((text) => text !== 'logs' && text !== 'escapes');

const BRISK = {
  connection: {
    discoveryTimeoutMs: 300,
    dialTimeoutMs: 300,
    proofTimeoutMs: 500,
    quickRetryMs: 10,
    backoff: { initialMs: 10, maxMs: 50 },
    slowLane: { initialMs: 10, maxMs: 50 },
    closeTimeoutMs: 200,
  },
  token: {
    fetchTimeoutMs: 300,
    callerTimeoutMs: 400,
    fetchIntervalMs: 1_000,
    retry: { initialMs: 100, maxMs: 200 },
    operator: { initialMs: 100, maxMs: 200 },
  },
  delivery: { maxAttempts: 1, retry: { initialMs: 10, maxMs: 20 } },
};

/**
 * The daemon, with all it can have around it, through every fault of the simulator and every echo: journal, collector,
 * webhook, broker, proxy, handlers of every bad manner, and the commands that ask it.
 */
export async function secretRun(program: Program): Promise<SecretRun> {
  const hunt = new SecretHunt();
  for (const [kind, secret] of Object.entries(SECRETS)) hunt.learn(kind, secret);
  const folder = mkdtempSync(join(tmpdir(), 'feishu-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const around = await surroundings(hunt, folder);
  const sayings: Sayings = {};
  const daemon = program.start(['run', '--json', '--config', 'feishu.json'], { cwd: folder, env: around.env });
  onTestFinished(() => daemon.terminate());
  await Promise.race([
    eventually(() => STARTED.test(daemon.err), 'the start of the daemon', LONG),
    daemon.ended.then((code) => Promise.reject(new Error(`the daemon ended with ${code}: ${daemon.err}`))),
  ]);
  const url = STARTED.exec(daemon.err)?.[1] ?? '';
  const { simulator, platform } = around;
  const get = async (path: string) => {
    const answer = await fetch(url + path, { headers: { authorization: BASIC }, signal: AbortSignal.timeout(10_000) });
    return `${answer.status} ${[...answer.headers].join(' ')} ${await answer.text()}`;
  };
  const isBack = () => eventually(async () => (await get('/readyz')).startsWith('200'), 'all being connected', LONG);
  const look = async (phase: string) => {
    for (const path of [
      '/metrics',
      '/readyz',
      '/livez',
      '/status',
      '/status/history',
      '/',
      '/dead-letters',
      '/nowhere',
    ])
      sayings[`${phase} ${path}`] = await get(path);
  };
  const command = async (phase: string, ...args: string[]) => {
    const run = program.start(args, { cwd: folder, env: around.env });
    await run.ended;
    sayings[`${phase} ${args.join(' ')}`] = `${run.out}\n${run.err}`;
    return run.out;
  };
  const commands = async (phase: string) => {
    for (const format of [[], ['--json']]) {
      await command(phase, 'doctor', '--config', 'feishu.json', '--url', url, ...format);
      await command(phase, 'status', '--config', 'feishu.json', '--url', url, ...format);
      await command(phase, 'dead-letters', 'list', '--config', 'feishu.json', '--url', url, ...format);
    }
  };

  await isBack();
  // 0. Whoever asks, with the right token and with wrong ones.
  const { control } = SECRETS;
  const basic = Buffer.from(`me:${control}`).toString('base64');
  for (const authorization of [
    `Bearer ${control}`,
    `Bearer ${control}x`,
    `Basic ${basic}`,
    BASIC,
    `${BASIC}x`,
    control,
  ]) {
    for (const path of ['/reconnect', `/reconnect?app=${control}`, `/${encodeURIComponent(SECRETS.httpPassword)}`]) {
      const answer = await fetch(url + path, { method: 'POST', headers: { authorization } });
      sayings[`asked ${Object.keys(sayings).length}`] = `${answer.status} ${await answer.text()}`;
    }
  }

  // 1. Handlers of every manner.
  for (const text of TEXTS) simulator.send(messageEvent({ text, chatId: `oc_${text}` }), { appId: BOT });
  simulator.send(cardActionEvent(), { appId: BOT });
  for (const { appId } of APPS) simulator.send(messageEvent({ text: 'fine' }), { appId });
  const letters = async () =>
    JSON.parse((await get('/dead-letters?app=bot')).replace(/^.*?\{/s, '{')) as { letters: { eventId: string }[] };
  await eventually(
    async () => (await letters()).letters.length >= BURIED.length,
    `${BURIED.length} dead letters`,
    LONG,
  );
  await look('handlers');
  await commands('handlers');
  for (const { eventId } of (await letters()).letters) {
    sayings[`letter ${eventId}`] = await get(`/dead-letters/${encodeURIComponent(eventId)}`);
  }

  const [{ eventId } = { eventId: '' }] = (await letters()).letters;
  await command('handlers', 'dead-letters', 'show', eventId, '--config', 'feishu.json', '--url', url);

  // 2. Every fault of the platform.
  const faults = everyFault(SECRETS.bot);
  for (const kind of FAULT_KINDS) {
    const before = simulator.platform.traffic.recent('discovery').length;
    const short = 'delayMs' in faults[kind] ? { delayMs: 400 } : {};
    const once = 'times' in faults[kind] || !('forMs' in faults[kind]) ? {} : { forMs: 100 };
    simulator.inject({ fault: kind, ...faults[kind], ...short, ...once } as FaultOf<typeof kind>);
    if (kind.startsWith('token_')) simulator.inject({ fault: 'revoke_tokens' });
    simulator.send(messageEvent({ text: 'escapes', chatId: `oc_${kind}` }), { appId: BOT });
    simulator.inject({ fault: 'drop_socket' });
    await eventually(
      () => simulator.platform.traffic.recent('discovery').length !== before || before === 1_000,
      kind,
      LONG,
    );
    if (kind.startsWith('discovery') || kind.startsWith('handshake')) sayings[`${kind} /status`] = await get('/status');
    simulator.clear();
    await isBack();
  }
  await look('faults');

  // 3. Somebody in the middle who repeats what he was sent, while calls are made, and then while connections are.
  for (const echo of Object.keys(ECHOES) as Echo[]) {
    platform.echo = echo;
    const seen = platform.echoed;
    simulator.inject({ fault: 'revoke_tokens' });
    simulator.send(messageEvent({ text: 'escapes', chatId: 'oc_echo' }), { appId: BOT });
    simulator.send(messageEvent({ text: 'logs', chatId: 'oc_echo_logged' }), { appId: BOT });
    await eventually(() => platform.echoed > seen, `${echo} of a call`, LONG);
    const called = platform.echoed;
    simulator.inject({ fault: 'drop_socket' });
    await eventually(() => platform.echoed > called + 8, `${echo} of discovery`, LONG);
    await look(`echo ${echo}`);
    if (echo === 'code') await commands(`echo ${echo}`);
    platform.echo = null;
    await isBack();
  }
  for (const repetition of REPETITIONS) {
    platform.repetition = repetition;
    const seen = platform.echoed;
    simulator.inject({ fault: 'drop_socket' });
    await eventually(() => platform.echoed > seen + 8, `${repetition} of the ticket`, LONG);
    await look(`repetition ${repetition}`);
    platform.repetition = null;
    await isBack();
  }
  around.proxyIs('refusing');
  simulator.inject({ fault: 'drop_socket' });
  await eventually(() => around.refusals() > 3, 'refused tunnels', LONG);
  await look('proxy');
  around.proxyIs('open');
  await isBack();

  // 4. Sinks that fail, and repeat what they got.
  around.webhookIs('echoing');
  simulator.send(messageEvent({ text: 'for the webhook' }), { appId: APPS[1]?.appId ?? '' });
  for (const { appId } of APPS.slice(3)) simulator.send(messageEvent({ text: 'for the broker' }), { appId });
  await eventually(() => around.webhookEchoes() > 1, 'answers of the webhook', LONG);
  await eventually(() => around.brokerUsers() === 3, 'a broker that refuses each of three', LONG);
  await look('sinks');
  await commands('sinks');
  const series = sayings['sinks /metrics'] as string;
  daemon.terminate();
  await daemon.ended;
  sayings['standard output'] = daemon.out;
  sayings['standard error'] = daemon.err;
  sayings.spans = around.spans.join('\n');
  sayings['webhook requests'] = around.received.join('\n');
  Object.assign(sayings, filesBelow(join(folder, 'journal')));
  const eventHunt = new SecretHunt();
  for (const { envelope } of simulator.platform.ledger.events) {
    const { token } = envelope.header as { readonly token?: string };
    if (token !== undefined) eventHunt.learn('verification token', token);
  }
  return {
    hunt,
    eventHunt,
    sayings,
    troubles: {
      echoes: platform.echoed,
      deadLetters: BURIED.length,
      reconnects: Number(/feishu_ws_connect_attempts_total\{app="bot"\} (\d+)/.exec(series)?.[1] ?? 0),
    },
  };
}

/** The line that tells of the start. */
const STARTED = /"url":"(http[^"]+)","apps"/;
const LONG = { deadlineMs: 60_000, pauseMs: 20 } as const;

interface Surroundings {
  readonly simulator: Simulator;
  readonly platform: EchoingPlatform;
  readonly env: Readonly<Record<string, string>>;
  /** Bodies that the collector got. */
  readonly spans: string[];
  /** Headers, but the signature, and bodies that the webhook got. */
  readonly received: string[];
  proxyIs(manner: 'open' | 'refusing'): void;
  refusals(): number;
  webhookIs(manner: 'taking' | 'echoing'): void;
  webhookEchoes(): number;
  /** How many ways to identify were told to the broker. */
  brokerUsers(): number;
}

async function surroundings(hunt: SecretHunt, folder: string): Promise<Surroundings> {
  const simulator = createSimulator({
    apps: APPS.map(({ appId, appSecret }) => ({ appId, appSecret })),
    clientConfig: BRISK_CLIENT_CONFIG,
    missedPingLimit: null,
  });
  const { url: simulatorUrl } = await simulator.start();
  onTestFinished(() => simulator.stop());
  const platform = await echoingPlatform(simulatorUrl, hunt);
  onTestFinished(() => platform.close());

  const spans: string[] = [];
  const collector = await serveHttp(async (request, response) => {
    spans.push(await bodyOf(request));
    // Every third batch is refused, with what we sent.
    const isRefused = spans.length % 3 === 0;
    response.writeHead(isRefused ? 400 : 200).end(isRefused ? JSON.stringify(request.headers) : '{}');
  });
  onTestFinished(() => collector.close());

  const received: string[] = [];
  let isTaking = true;
  let webhookEchoes = 0;
  const webhook = await serveHttp(async (request, response) => {
    const body = await bodyOf(request);
    // The key in the URL is what the receiver asked for.
    received.push(`${JSON.stringify(request.headers)} ${body}`);
    if (isTaking) {
      response.writeHead(200).end();
      return;
    }
    webhookEchoes += 1;
    response
      .writeHead(500, `no ${request.url}`, { 'retry-after': '0' })
      .end(`${request.url} ${SECRETS.webhook} ${body}`);
  });
  onTestFinished(() => webhook.close());

  let isOpen = true;
  let refusals = 0;
  const proxyServer = createServer((request, response) => {
    response.writeHead(502).end(`${request.url} ${JSON.stringify(request.headers)}`);
  });
  proxyServer.on('connect', (request, client: Socket) => {
    client.on('error', () => {});
    if (!isOpen) {
      refusals += 1;
      const told = `CONNECT ${request.url} ${request.headers['proxy-authorization']} ${SECRETS.proxyPassword}`;
      client.end(`HTTP/1.1 502 ${told}\r\nVia: ${told}\r\nContent-Length: ${told.length}\r\n\r\n${told}`);
      return;
    }
    const end = new URL(platform.url);
    import('node:net').then(({ connect }) => {
      const target = connect(Number(end.port), end.hostname);
      target.on('error', () => client.destroy());
      target.on('close', () => client.destroy());
      client.on('close', () => target.destroy());
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
  });
  const proxy = await loopback(proxyServer);
  onTestFinished(() => proxy.close());

  const brokerUsers = new Set<string>();
  const broker = await serveTcp((socket) => {
    socket.write(
      'INFO {"server_id":"x","version":"2.11.0","proto":1,"max_payload":1048576,"headers":true,"auth_required":true,"nonce":"PXoWU7zWAMt75FY"}\r\n',
    );
    socket.on('data', (chunk) => {
      for (const [way] of chunk.toString().matchAll(/"(pass|auth_token|jwt)":/g)) brokerUsers.add(way);
      socket.end(`-ERR 'Authorization Violation: ${chunk.toString().replaceAll(/[\r\n']/g, ' ')}'\r\n`);
    });
  });
  onTestFinished(() => broker.close());

  mkdirSync(join(folder, 'journal'));
  writeFileSync(join(folder, 'secret'), `${SECRETS.bot}\n`);
  writeFileSync(join(folder, 'nats-password'), SECRETS.natsPassword);
  writeFileSync(join(folder, 'nats-token'), SECRETS.natsToken);
  writeFileSync(join(folder, 'nats.creds'), CREDS);
  writeFileSync(join(folder, 'http-password'), SECRETS.httpPassword);
  writeFileSync(join(folder, 'handler.mjs'), HANDLER);
  const proxyUrl = `http://me:${encodeURIComponent(SECRETS.proxyPassword)}@127.0.0.1:${proxy.port}`;
  const faces = {
    bot: { appSecretFile: './secret', handler: './handler.mjs' },
    hook: {
      appSecret: SECRETS.hook,
      sink: {
        webhook: {
          url: `${webhook.url}/events?${new URLSearchParams({ key: SECRETS.webhookKey })}`,
          secret: SECRETS.webhook,
        },
      },
    },
    tunnel: { appSecret: SECRETS.tunnel, proxy: proxyUrl, handler: 'stdout' },
    broker: {
      appSecret: SECRETS.broker,
      sink: { jetstream: { servers: `nats://127.0.0.1:${broker.port}`, user: 'us', passwordFile: './nats-password' } },
    },
    creds: {
      appSecret: SECRETS.creds,
      sink: { jetstream: { servers: `nats://127.0.0.1:${broker.port}`, credsFile: './nats.creds' } },
    },
    token: {
      appSecret: SECRETS.token,
      sink: { jetstream: { servers: `nats://127.0.0.1:${broker.port}`, tokenFile: './nats-token' } },
    },
  };
  const config = {
    listen: '127.0.0.1:0',
    logLevel: 'trace',
    control: { token: SECRETS.control },
    http: { user: READER, passwordFile: './http-password' },
    drainMs: 200,
    journal: { directory: './journal' },
    tracing: { endpoint: collector.url },
    apps: APPS.map(({ name, appId }) => ({
      appId,
      app: name,
      domain: platform.url,
      catchup: true,
      ...BRISK,
      ...faces[name],
    })),
  };
  writeFileSync(join(folder, 'feishu.json'), JSON.stringify(config, null, 2));
  return {
    simulator,
    platform,
    env: {
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Basic ${SECRETS.collector}`,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      SECRET_RUN_FILE: join(folder, 'secret'),
    },
    spans,
    received,
    proxyIs: (manner) => {
      isOpen = manner === 'open';
    },
    refusals: () => refusals,
    webhookIs: (manner) => {
      isTaking = manner === 'taking';
    },
    webhookEchoes: () => webhookEchoes,
    brokerUsers: () => brokerUsers.size,
  };
}

function filesBelow(folder: string): Sayings {
  const files: Sayings = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[`journal file ${path.slice(folder.length + 1)}`] = readFileSync(path);
  }
  expect(Object.keys(files).length, 'files of the journal').toBeGreaterThan(2);
  return files;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body;
}
