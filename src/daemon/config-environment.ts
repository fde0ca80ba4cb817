import { nearMiss } from '../ports/index.js';

/** Where a variable's value goes: a key of the daemon, or one of the single app that the environment can describe. */
interface EnvironmentVariable {
  /** With full stops where the option stands below others. */
  readonly key: string;
  readonly isAppKey: boolean;
  readonly help: string;
}

/** Every environment variable that the daemon reads: the contract for README, `--help` and code alike. An empty one counts as not set. */
export const ENVIRONMENT = {
  FEISHU_APP_ID: { key: 'appId', isAppKey: true, help: 'The app id: cli_ and 16 hexadecimal digits.' },
  FEISHU_APP_SECRET: { key: 'appSecret', isAppKey: true, help: 'The app secret. FEISHU_APP_SECRET_FILE is safer.' },
  FEISHU_APP_SECRET_FILE: {
    key: 'appSecretFile',
    isAppKey: true,
    help: 'A file that holds the app secret alone; it is read again when it changes.',
  },
  FEISHU_DOMAIN: { key: 'domain', isAppKey: true, help: 'feishu (default), lark, or a base URL.' },
  FEISHU_PROXY: {
    key: 'proxy',
    isAppKey: true,
    help: 'environment (default: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY), none, or the URL of a proxy.',
  },
  FEISHU_CA_FILE: {
    key: 'caFile',
    isAppKey: true,
    help: 'A PEM file of further authorities to trust, such as a TLS-inspecting proxy has.',
  },
  FEISHU_APP: { key: 'app', isAppKey: true, help: 'Your name for the app in metrics and logs. Default: the app id.' },
  FEISHU_HANDLER: {
    key: 'handler',
    isAppKey: true,
    help: 'Path of a module whose default export is a record of handlers. Default: stdout, one JSON line per event.',
  },
  FEISHU_WEBHOOK_URL: {
    key: 'sink.webhook.url',
    isAppKey: true,
    help: 'Events are posted there as CloudEvents, instead of to a handler.',
  },
  FEISHU_WEBHOOK_SECRET: {
    key: 'sink.webhook.secret',
    isAppKey: true,
    help: 'Signs what is posted: whsec_ and base64. FEISHU_WEBHOOK_SECRET_FILE is safer.',
  },
  FEISHU_WEBHOOK_SECRET_FILE: {
    key: 'sink.webhook.secretFile',
    isAppKey: true,
    help: 'A file that holds the signing secret alone; it is read again when it changes.',
  },
  FEISHU_NATS_SERVERS: {
    key: 'sink.jetstream.servers',
    isAppKey: true,
    help: 'Events go to NATS JetStream there, instead of to a handler: nats://host:port, several with commas between.',
  },
  FEISHU_NATS_CREDS_FILE: {
    key: 'sink.jetstream.credsFile',
    isAppKey: true,
    help: 'A NATS credentials file; it is read again for each connection.',
  },
  FEISHU_NATS_STREAM: {
    key: 'sink.jetstream.stream.name',
    isAppKey: true,
    help: 'The stream that must take the events. Default: whichever takes their subjects.',
  },
  FEISHU_CONNECTIONS: {
    key: 'connections',
    isAppKey: true,
    help: 'How many connections are kept at once, 1 to 10: 2 for a standby. Default: 1.',
  },
  FEISHU_CATCHUP: {
    key: 'catchup',
    isAppKey: true,
    help: 'false asks the platform for nothing besides: what an outage swallowed stays lost then. Default: true.',
  },
  FEISHU_JOURNAL_DIRECTORY: {
    key: 'journal.directory',
    isAppKey: false,
    help: 'Keeps events on disk until they are handled, each app in a directory of its own below. Default: no journal.',
  },
  FEISHU_CONFIG: { key: 'config', isAppKey: false, help: 'Path of the configuration file, as --config.' },
  FEISHU_LISTEN: { key: 'listen', isAppKey: false, help: 'host:port of the HTTP surface. Default: 127.0.0.1:9464.' },
  FEISHU_HTTP_USER: {
    key: 'http.user',
    isAppKey: false,
    help: 'Whoever reads metrics, status or page names this user and the password. Default: nobody is asked.',
  },
  FEISHU_HTTP_PASSWORD: {
    key: 'http.password',
    isAppKey: false,
    help: 'That password, of 12 characters or more. FEISHU_HTTP_PASSWORD_FILE is safer.',
  },
  FEISHU_HTTP_PASSWORD_FILE: {
    key: 'http.passwordFile',
    isAppKey: false,
    help: 'A file that holds the password alone; it is read again when it changes.',
  },
  FEISHU_HTTP_CERT_FILE: {
    key: 'http.certFile',
    isAppKey: false,
    help: 'A PEM file with the certificate of the HTTP surface and its chain: it speaks HTTPS then, TLS 1.2 or newer.',
  },
  FEISHU_HTTP_KEY_FILE: {
    key: 'http.keyFile',
    isAppKey: false,
    help: 'A PEM file with its key. Both are read again when they change.',
  },
  FEISHU_CONTROL_TOKEN: {
    key: 'control.token',
    isAppKey: false,
    help: 'Whoever has something done over the network sends this token, of 16 characters or more. The file is safer.',
  },
  FEISHU_CONTROL_TOKEN_FILE: {
    key: 'control.tokenFile',
    isAppKey: false,
    help: 'A file that holds the token alone; it is read again when it changes. Default: nobody may over the network.',
  },
  FEISHU_CONTROL_SOCKET: {
    key: 'control.socket',
    isAppKey: false,
    help: 'Path of the control socket, or none. Default: control-<port>.sock in the runtime or the journal directory.',
  },
  FEISHU_LOG_LEVEL: {
    key: 'logLevel',
    isAppKey: false,
    help: 'trace, debug, info (default), warn, error, fatal or silent.',
  },
  FEISHU_OPENMETRICS: {
    key: 'metrics.openMetrics',
    isAppKey: false,
    help: 'true for /metrics in the OpenMetrics format, with exemplars that name traces. Default: false.',
  },
  FEISHU_DRAIN_MS: {
    key: 'drainMs',
    isAppKey: false,
    help: 'How long running handlers may finish after SIGTERM, in milliseconds. Default: 10000.',
  },
  FEISHU_EXIT_AFTER_OUTAGE_MS: {
    key: 'exitAfterOutageMs',
    isAppKey: false,
    help: 'Ends the process with 75 after an outage this long that is its own, in milliseconds. Default: never.',
  },
  FEISHU_RUNBOOK_URL: {
    key: 'runbookUrl',
    isAppKey: false,
    help: "Where the status page finds the runbooks, without a slash at the end. Default: the daemon's own /runbooks.",
  },
} as const satisfies Record<string, EnvironmentVariable>;

export type EnvironmentName = keyof typeof ENVIRONMENT;

/** A process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Values of one layer of the configuration, each with the name it came under. */
export type Layer = ReadonlyMap<string, Setting>;

export interface Setting {
  readonly value: unknown;
  readonly from: string;
  /** Where the value is a mapping of which each part came under a name of its own: the names, by the path below the key. */
  readonly parts?: ReadonlyMap<string, string>;
}

/** What the environment sets, apart for the daemon's own keys and the app's. */
export function readEnvironment(env: Environment): { daemon: Layer; app: Layer; file: string | null } {
  const daemon = new Map<string, Setting>();
  const app = new Map<string, Setting>();
  for (const [from, { key, isAppKey }] of Object.entries(ENVIRONMENT)) {
    const text = env[from];
    if (text === undefined || text === '' || key === 'config') continue;
    const layer = isAppKey ? app : daemon;
    const [top = '', ...below] = key.split('.');
    const value = typedValue(key, text);
    layer.set(top, below.length === 0 ? { value, from } : grown(layer.get(top), below, value, from));
  }
  return { daemon, app, file: env.FEISHU_CONFIG || null };
}

/** A mapping with one more part, which came under a name of its own. */
function grown(before: Setting | undefined, path: readonly string[], part: unknown, from: string): Setting {
  const value = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), part);
  return {
    value: before === undefined ? value : merged(before.value, value),
    from: before?.from ?? from,
    parts: new Map([...(before?.parts ?? []), [path.join('.'), from]]),
  };
}

/**
 * The upper value; where both are mappings, the lower one's keys that the upper one does not have as well. A secret's text
 * replaces the file that the lower one names, and a file the text.
 */
export function laidOver(lower: unknown, upper: unknown): unknown {
  return merged(lower, upper, (key) => (key.endsWith('File') ? key.slice(0, -'File'.length) : `${key}File`));
}

/** @param twinOf Names the lower key that an upper one replaces; left out: none but its own. */
function merged(lower: unknown, upper: unknown, twinOf?: (key: string) => string): unknown {
  if (!isMapping(lower) || !isMapping(upper)) return upper;
  const whole: Record<string, unknown> = { ...lower };
  if (twinOf !== undefined) for (const key of Object.keys(upper)) delete whole[twinOf(key)];
  for (const [key, value] of Object.entries(upper)) whole[key] = merged(lower[key], value, twinOf);
  return whole;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a key path came under, if it came from this layer; the path begins with the layer's own key. */
export function nameIn(layer: Layer, path: readonly (string | number)[]): string | undefined {
  const setting = layer.get(String(path[0]));
  if (setting?.parts === undefined) return setting?.from;
  for (let length = path.length; length > 1; length -= 1) {
    const name = setting.parts.get(path.slice(1, length).join('.'));
    if (name !== undefined) return name;
  }
  return undefined;
}

const NUMBERS: readonly string[] = ['drainMs', 'exitAfterOutageMs', 'connections'];
const SWITCHES: readonly string[] = ['catchup', 'metrics.openMetrics'];
const LISTS: readonly string[] = ['sink.jetstream.servers'];

/** As the schema wants it; what cannot be that stays text, so that the error can say so. */
function typedValue(key: string, text: string): unknown {
  if (NUMBERS.includes(key) && /^\d{1,15}$/.test(text)) return Number(text);
  if (SWITCHES.includes(key) && /^(true|false)$/.test(text)) return text === 'true';
  if (LISTS.includes(key)) return text.split(',').map((part) => part.trim());
  return text;
}

/**
 * Variables that look like a misspelt one of ours. They are worth a warning and no error: other programs, and handlers,
 * may have FEISHU_ variables of their own.
 */
export function environmentWarnings(env: Environment): string[] {
  const names = Object.keys(ENVIRONMENT);
  return Object.keys(env)
    .filter((name) => /^FEISHU_/i.test(name) && !(name in ENVIRONMENT))
    .flatMap((name) => {
      const meant = nearMiss(name, names);
      return meant === null || env[meant] ? [] : [`${name} is set but unknown; did you mean ${meant}?`];
    });
}
