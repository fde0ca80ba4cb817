import { z } from 'zod';
import { checkNetworkOptions } from '../adapters/index.js';
import { MOST_CONNECTIONS } from '../connector-limits.js';
import { APP_NAME, baseUrlOf, isAppName } from '../connector-options.js';
import { DEFAULT_CONNECTION_POLICY, DELIVERY_DEFAULTS, TOKEN_DEFAULTS } from '../connector-parts.js';
import { LOG_LEVELS } from '../observe/index.js';
import { JITTERS } from '../ports/index.js';
import { CATCHUP_SHAPE, CATCHUP_WORDS } from './config-catchup.js';
import { APP_JOURNAL_SHAPE, JOURNAL_KEYS, JOURNAL_SHAPE, JOURNAL_WORDS } from './config-journal.js';
import { policy } from './config-shape.js';
import { SINK_SHAPE, SINK_WORDS } from './config-sink.js';
import { CONTROL_KEYS, CONTROL_SHAPE, HTTP_KEYS, HTTP_SHAPE, SURFACE_WORDS } from './config-surface.js';
import { parseListenAddress } from './listen-address.js';
import { isRunbookUrl } from './runbook-url.js';
import { httpUrl } from './tracing-settings.js';

/**
 * One app: names and units are those of the library's options, and so are the meanings, but for those described here.
 * Both stand in docs/configuration.md.
 */
export const APP_SHAPE = {
  appId: z.string().regex(/^cli_[0-9a-f]{16}$/i),
  appSecret: z
    .string()
    .min(1)
    .optional()
    .describe('The secret itself. Exactly one of this and `appSecretFile`; the file is the safer one.'),
  appSecretFile: z.string().min(1).optional(),
  domain: z.string().refine(isDomain).optional(),
  proxy: z.string().refine(isProxy).optional(),
  caFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A PEM file of authorities to trust besides the usual ones, such as that of a TLS-inspecting proxy. It is read anew for each connection.',
    ),
  app: z.string().refine(isAppName).optional(),
  handler: z
    .string()
    .min(1)
    .optional()
    .describe(
      '`stdout`, for one JSON line per event, or an ES module whose default export is a record of handlers by event type. At most one of this and `sink`.',
    ),
  sink: z
    .union([z.string().min(1), SINK_SHAPE])
    .optional()
    .describe('Where events go instead of to a handler: a mapping with `webhook` or with `jetstream`.'),
  journal: z
    .union([z.literal('none'), APP_JOURNAL_SHAPE])
    .optional()
    .describe(
      "In an entry of `apps` alone: what differs from the daemon's journal for this app; `none` for no journal.",
    ),
  connections: z.number().int().min(1).max(MOST_CONNECTIONS).optional(),
  connection: policy(DEFAULT_CONNECTION_POLICY).optional(),
  token: policy(TOKEN_DEFAULTS).optional(),
  delivery: policy(DELIVERY_DEFAULTS).optional(),
  catchup: CATCHUP_SHAPE.optional(),
};

export const DAEMON_SHAPE = {
  listen: z
    .string()
    .refine((text) => parseListenAddress(text) !== null)
    .optional()
    .describe('Where the HTTP surface listens. Port 0 takes a free one, which the log names.'),
  logLevel: z
    .enum([...LOG_LEVELS, 'silent'])
    .optional()
    .describe('Log lines of this level and above are written, to standard error.'),
  // An hour: longer than any supervisor waits before it kills.
  drainMs: z
    .number()
    .int()
    .min(0)
    .max(3_600_000)
    .optional()
    .describe('How long running handlers may finish when the daemon stops.'),
  // A minute: fresh parts and a few attempts come first. A week: longer is the same as never.
  exitAfterOutageMs: z
    .number()
    .int()
    .min(60_000)
    .max(604_800_000)
    .optional()
    .describe(
      'How long one outage of an app may last before the daemon ends itself with code 75. It does so only where the platform answers a probe and attempts from this process still fail. Choose more than the longest outage of the platform that you want to sit out.',
    ),
  runbookUrl: z
    .string()
    .refine(isRunbookUrl)
    .optional()
    .describe(
      'Where the links of the status page find the runbooks; give `alerts --runbook-url` the same. Default: the daemon itself, at `/runbooks`.',
    ),
  journal: JOURNAL_SHAPE.optional().describe('Keeps events on disk from their ack until they are handled.'),
  http: HTTP_SHAPE.optional().describe('Who may read at the HTTP surface, and whether it speaks HTTPS.'),
  control: CONTROL_SHAPE.optional().describe(
    'Who may have something done: reconnect, and see, replay and drop dead letters.',
  ),
  metrics: z
    .strictObject({
      openMetrics: z
        .boolean()
        .optional()
        .describe('Whether `/metrics` speaks OpenMetrics, with exemplars that name traces; some scrapers read it not.'),
    })
    .optional()
    .describe('How metrics are shown.'),
  tracing: z
    .strictObject({
      endpoint: z
        .string()
        .refine((text) => httpUrl(text) !== null)
        .describe('Base URL of an OTLP/HTTP collector; `/v1/traces` is added.'),
      serviceName: z.string().min(1).max(100).optional().describe('The name of the service in the trace store.'),
      sampleRatio: z
        .number()
        .min(0)
        .max(1)
        .optional()
        .describe('The share of traces that is kept. Failures are kept regardless.'),
    })
    .optional()
    .describe("Where spans go. OpenTelemetry's own variables win over it."),
};

/** The configuration once its layers are merged and a single app has moved into `apps`. */
export const configSchema = z.strictObject({
  ...DAEMON_SHAPE,
  apps: z.array(z.strictObject(APP_SHAPE)).min(1).max(1_000),
});
export type RawConfig = z.infer<typeof configSchema>;
export type RawApp = RawConfig['apps'][number];

export const APP_KEYS = Object.keys(APP_SHAPE);
export const DAEMON_KEYS = Object.keys(DAEMON_SHAPE);

/** The keys of the daemon's options that have options below them. */
export const DAEMON_GROUPS: Readonly<Record<string, readonly string[]>> = {
  metrics: Object.keys(DAEMON_SHAPE.metrics.unwrap().shape),
  tracing: Object.keys(DAEMON_SHAPE.tracing.unwrap().shape),
  journal: JOURNAL_KEYS,
  http: HTTP_KEYS,
  control: CONTROL_KEYS,
};

/** What a key wants, by its path or its last name, and an example to copy: the words of every error about it. */
export const KEYS: Readonly<Record<string, { readonly expected: string; readonly advice: string }>> = {
  listen: {
    expected: 'host:port',
    advice: 'Write listen: 127.0.0.1:9464, or 0.0.0.0:9464 for scrapes from elsewhere.',
  },
  logLevel: {
    expected: `one of ${[...LOG_LEVELS, 'silent'].join(', ')}`,
    advice: 'Write logLevel: info.',
  },
  drainMs: { expected: 'whole milliseconds from 0 to 3600000', advice: 'Write drainMs: 10000.' },
  exitAfterOutageMs: {
    expected: 'whole milliseconds from 60000 to 604800000',
    advice: 'Write exitAfterOutageMs: 21600000 for six hours, or leave it out to stay for ever.',
  },
  runbookUrl: {
    expected: 'an http: or https: URL without a slash at the end',
    advice: 'Write runbookUrl: https://wiki.example/runbooks; /<AlertName>.md is added.',
  },
  metrics: { expected: 'a mapping of options', advice: 'Write metrics: and below it "  openMetrics: true".' },
  openMetrics: { expected: 'true or false', advice: 'Write openMetrics: true for exemplars, or leave it out.' },
  tracing: {
    expected: 'a mapping of options',
    advice: 'Write tracing: and below it "  endpoint: http://127.0.0.1:4318".',
  },
  endpoint: {
    expected: 'the base URL of an OTLP/HTTP collector',
    advice: 'Write endpoint: http://127.0.0.1:4318; headers go into OTEL_EXPORTER_OTLP_HEADERS.',
  },
  serviceName: { expected: 'a name of 1 to 100 characters', advice: 'Write serviceName: feishu-connector.' },
  sampleRatio: { expected: 'a number from 0 to 1', advice: 'Write sampleRatio: 0.1; failures are kept regardless.' },
  apps: { expected: 'a list of 1 to 1000 apps', advice: 'Write apps: and below it "  - appId: cli_…".' },
  'apps[]': {
    expected: 'a mapping of options',
    advice: 'Write "  - appId: cli_…" and the other options of the app below it.',
  },
  appId: {
    expected: 'an app id, cli_ and 16 hexadecimal digits',
    advice: 'Copy it from the developer console, Credentials & Basic Info.',
  },
  appSecret: {
    expected: 'the app secret as text',
    advice: 'Write it in double quotes, or better name a file in appSecretFile.',
  },
  appSecretFile: { expected: 'the path of a file', advice: 'Write appSecretFile: /run/secrets/feishu.' },
  domain: {
    expected: 'feishu, lark or a base URL without user, query and fragment',
    advice: 'Write domain: feishu, domain: lark or domain: http://127.0.0.1:7777.',
  },
  proxy: {
    expected: 'environment, none or the http: or https: URL of a proxy',
    advice: 'Write proxy: http://proxy.example:3128, or leave it out to follow HTTPS_PROXY and NO_PROXY.',
  },
  caFile: {
    expected: 'a file of PEM certificates',
    advice: 'Write caFile: /etc/ssl/company-ca.pem; it is read again for each connection.',
  },
  app: { expected: APP_NAME, advice: 'Write app: support-bot.' },
  handler: {
    expected: 'stdout or the path of an ES module',
    advice: 'Write handler: ./handler.mjs, relative to this file.',
  },
  connections: {
    expected: `a whole number from 1 to ${MOST_CONNECTIONS}`,
    advice: 'Write connections: 2 for a standby, or leave it out.',
  },
  ...SINK_WORDS,
  ...SURFACE_WORDS,
  ...JOURNAL_WORDS,
  ...CATCHUP_WORDS,
  orderBy: { expected: 'one of chat, none', advice: 'Write orderBy: chat.' },
  staleEvents: { expected: 'one of tag, hold, drop', advice: 'Write staleEvents: tag.' },
  connection: { expected: 'a mapping of options', advice: 'Write connection: and options below it.' },
  token: { expected: 'a mapping of options', advice: 'Write token: and options below it.' },
  delivery: { expected: 'a mapping of options', advice: 'Write delivery: and options below it.' },
  jitter: { expected: `one of ${JITTERS.join(', ')}`, advice: 'Write jitter: full.' },
  scheduleMs: { expected: 'a list of milliseconds', advice: 'Write scheduleMs: [1000, 5000, 30000].' },
};

function isDomain(text: string): boolean {
  return passes(() => baseUrlOf(text));
}

function isProxy(text: string): boolean {
  return passes(() => checkNetworkOptions({ proxy: text }));
}

/** Whether the library's own check of an option lets it pass. */
function passes(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
