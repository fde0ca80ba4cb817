import { resolveCatchupOptions } from '../../src/connector-catchup.js';
import { resolveJournalOptions } from '../../src/connector-journal.js';
import { DEFAULT_CONNECTION_POLICY, DELIVERY_DEFAULTS, TOKEN_DEFAULTS } from '../../src/connector-parts.js';
import { DAEMON_DEFAULTS, ENVIRONMENT, TRACING_ENVIRONMENT } from '../../src/daemon/index.js';
import { JOURNAL_MAX_PENDING } from '../../src/delivery/policy.js';
import { JETSTREAM_DEFAULTS } from '../../src/sinks/jetstream.js';
import { STREAM_DEFAULTS } from '../../src/sinks/nats.js';
import { WEBHOOK_DEFAULTS } from '../../src/sinks/webhook.js';
import { type Property, propertiesOf, reasonsOf } from './support/docstrings.js';
import { expectationOf } from './support/expectation.js';
import { table } from './support/root.js';
import { APP_KEYS, DAEMON_KEYS, type Key } from './support/schema.js';

/** Where the library says what the keys below a path mean, what they are by default, and why. */
interface Source {
  readonly below: string;
  readonly interfaces: readonly (readonly [file: string, name: string])[];
  readonly defaults: object;
  readonly reasons?: readonly [file: string, constant: string];
}

const CATCHUP = resolveCatchupOptions({}, { hasJournal: true, rememberedMs: 0 }) ?? {};
const POLICY = 'src/catchup/policy.ts';
const JOURNAL = resolveJournalOptions({ directory: 'none' });

/** The nearest one above a key is asked first. */
const SOURCES: readonly Source[] = [
  {
    below: 'sink.jetstream.stream',
    interfaces: [['src/sinks/nats.ts', 'StreamSettings']],
    defaults: { create: false, ...STREAM_DEFAULTS },
    reasons: ['src/sinks/nats.ts', 'STREAM_DEFAULTS'],
  },
  {
    below: 'sink.jetstream',
    interfaces: [
      ['src/sinks/jetstream.ts', 'JetStreamSettings'],
      ['src/sinks/nats.ts', 'BrokerSettings'],
      ['src/connector-sinks.ts', 'JetStreamOptions'],
    ],
    defaults: JETSTREAM_DEFAULTS,
    reasons: ['src/sinks/jetstream.ts', 'JETSTREAM_DEFAULTS'],
  },
  {
    below: 'sink.webhook',
    interfaces: [
      ['src/sinks/webhook.ts', 'WebhookSettings'],
      ['src/connector-sinks.ts', 'WebhookOptions'],
    ],
    defaults: WEBHOOK_DEFAULTS,
    reasons: ['src/sinks/webhook.ts', 'WEBHOOK_DEFAULTS'],
  },
  {
    below: 'journal',
    interfaces: [['src/connector-journal.ts', 'JournalOptions']],
    defaults: { durability: JOURNAL.durability, retentionMs: JOURNAL.retentionMs, maxBytes: JOURNAL.maxBytes },
  },
  {
    below: 'connection',
    interfaces: [['src/connection/policy.ts', 'ConnectionPolicy']],
    defaults: DEFAULT_CONNECTION_POLICY,
    reasons: ['src/connection/policy.ts', 'DEFAULT_CONNECTION_POLICY'],
  },
  {
    below: 'token',
    interfaces: [['src/token/policy.ts', 'TokenPolicy']],
    defaults: TOKEN_DEFAULTS,
    reasons: ['src/token/policy.ts', 'TOKEN_DEFAULTS'],
  },
  {
    below: 'delivery',
    interfaces: [['src/delivery/policy.ts', 'DeliveryPolicy']],
    defaults: DELIVERY_DEFAULTS,
    reasons: ['src/delivery/policy.ts', 'DELIVERY_DEFAULTS'],
  },
  ...(['view', 'catchup', 'reconcile', 'baseline', 'replace', 'budget'] as const).map((part) => ({
    below: `catchup.${part}`,
    interfaces: [[POLICY, `${part.charAt(0).toUpperCase()}${part.slice(1)}Policy`]] as const,
    defaults: (CATCHUP as Record<string, object>)[part] ?? {},
    reasons: [POLICY, 'LOOKOUT_DEFAULTS'] as const,
  })),
  {
    below: 'catchup',
    interfaces: [
      ['src/connector-catchup.ts', 'CatchupOptions'],
      [POLICY, 'LookoutPolicy'],
    ],
    defaults: CATCHUP,
    reasons: [POLICY, 'LOOKOUT_DEFAULTS'],
  },
  {
    below: '',
    interfaces: [['src/connector-options.ts', 'ConnectorOptions']],
    defaults: {
      ...DAEMON_DEFAULTS,
      connections: 1,
      proxy: 'environment',
      metrics: { openMetrics: false },
      tracing: { serviceName: 'feishu-connector', sampleRatio: 1 },
    },
  },
];

/** Keys, of which each stands in exactly one table. */
const SECTIONS: Readonly<Record<string, { readonly keys: readonly Key[]; readonly below: string }>> = {
  daemon: { keys: DAEMON_KEYS.filter(({ path }) => !path.startsWith('journal.')), below: '' },
  app: {
    keys: APP_KEYS.filter(({ path }) => !/^(sink|journal|connection|token|delivery|catchup)\./.test(path)),
    below: '',
  },
  ...Object.fromEntries(
    (['journal', 'sink', 'connection', 'token', 'delivery', 'catchup'] as const).map((below) => [
      below,
      {
        keys: (below === 'journal' ? DAEMON_KEYS : APP_KEYS).filter(({ path }) => path.startsWith(`${below}.`)),
        below,
      },
    ]),
  ),
};

/** The parts of docs/configuration.md that are written by the code. */
export async function configurationParts(): Promise<Readonly<Record<string, string>>> {
  const sections = Object.entries(SECTIONS).map(
    async ([name, { keys, below }]) => [name, await keyTable(keys, below)] as const,
  );
  return {
    ...Object.fromEntries(await Promise.all(sections)),
    backoff: backoffTable(),
    tracing: table(
      ['variable', 'meaning'],
      Object.entries(TRACING_ENVIRONMENT).map(([name, help]) => [`\`${name}\``, help]),
    ),
    options: optionsTable(),
  };
}

async function keyTable(keys: readonly Key[], below: string): Promise<string> {
  const rows = keys.map(async ({ path, meaning, isGroup, isRequired }) => {
    const { source, inside } = sourceOf(path);
    const reason = reasonOf(source, path);
    const fallback = isGroup ? '' : defaultCell(source, path, isRequired);
    const help = withoutDefault(meaning ?? inside?.meaning ?? '', fallback);
    if (help === '') throw new Error(`nobody says what ${path} means: .describe() it in the schema`);
    const cells = [
      code(below === '' ? path : path.slice(below.length + 1)),
      (await expectationOf(path)) ?? 'anything that JSON can hold',
      fallback,
      `${help}${reason === undefined ? '' : ` *${sentence(reason)}*`}`,
    ];
    return [...cells, ...(hasVariables(keys) ? [code(variableOf(path))] : [])];
  });
  const head = ['key', 'takes', 'default', 'meaning', ...(hasVariables(keys) ? ['variable'] : [])];
  return table(head, await Promise.all(rows));
}

/** Defaults that depend on something, in words. */
const DEPENDENT: Readonly<Record<string, string>> = {
  app: 'the app id',
  'catchup.catchup.isEnabled': '`true` with a journal',
  'delivery.maxPending': `${DELIVERY_DEFAULTS.maxPending}; with a journal ${JOURNAL_MAX_PENDING}`,
};

function defaultCell(source: Source, path: string, isRequired: boolean): string {
  return isRequired ? 'required' : (DEPENDENT[path] ?? shown(path, defaultOf(source, path)));
}

/** A docstring has to name the default too; beside a column that does, it would be said twice. */
function withoutDefault(meaning: string, shownDefault: string): string {
  return shownDefault === '' ? meaning : meaning.replace(/\s*\bDefault[: ].*?\.(?=\s|$)/g, '').trim();
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

/** The reason for a default, in italics in the table, begins and ends like a sentence. */
function sentence(reason: string): string {
  const ended = /[.!?"]$/.test(reason) ? reason : `${reason}.`;
  return `${ended.charAt(0).toUpperCase()}${ended.slice(1)}`.replace(/\*/g, '×');
}

function sourceOf(path: string): { readonly source: Source; readonly inside: Property | undefined } {
  for (const source of SOURCES) {
    const { below } = source;
    if (below !== '' && !path.startsWith(`${below}.`)) continue;
    const rest = below === '' ? path : path.slice(below.length + 1);
    const inside = source.interfaces
      .flatMap(([file, name]) => propertiesOf(file, name))
      .find((property) => property.path === rest);
    return { source, inside };
  }
  throw new Error(`no source for ${path}`);
}

function defaultOf({ below, defaults }: Source, path: string): unknown {
  const rest = below === '' ? path : path.slice(below.length + 1);
  return rest.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], defaults);
}

function reasonOf({ below, reasons }: Source, path: string): string | undefined {
  if (reasons === undefined) return undefined;
  const [file, constant] = reasons;
  // The defaults of catch-up stand in one object, those of each other part in one of its own.
  const rest = constant === 'LOOKOUT_DEFAULTS' ? path.slice('catchup.'.length) : path.slice(below.length + 1);
  return reasonsOf(file, constant).get(rest);
}

function shown(path: string, value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'number') {
    const [, name = ''] = /([^.]+)$/.exec(path) ?? [];
    return name.endsWith('Ms') ? `${value} (${span(value)})` : String(value);
  }
  if (typeof value === 'object' && value !== null && 'jitter' in value) return code(flow(value));
  return code(value === null ? 'null' : String(value));
}

/** A mapping on one line, as YAML takes it. */
function flow(value: object): string {
  return `{ ${Object.entries(value)
    .map(([name, each]) => `${name}: ${String(each)}`)
    .join(', ')} }`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

function span(ms: number): string {
  const [unit, length] = UNITS.find(([, each]) => ms >= each && ms % each === 0) ?? ['s', 1_000];
  return `${ms / length} ${unit}`;
}

function variableOf(path: string): string {
  const found = Object.entries(ENVIRONMENT).find(([, { key }]) => key === path);
  return found === undefined ? '' : found[0];
}

function hasVariables(keys: readonly Key[]): boolean {
  return keys.some(({ path }) => variableOf(path) !== '');
}

function backoffTable(): string {
  const rows = propertiesOf('src/ports/backoff.ts', 'Backoff').map(({ path, meaning }) => [code(path), meaning]);
  return table(['key', 'meaning'], rows);
}

/** What the library takes besides, or in another way than the file. */
function optionsTable(): string {
  const rows = propertiesOf('src/connector-options.ts', 'ConnectorOptions').map(({ path, type, meaning }) => [
    code(path),
    code(type),
    meaning,
  ]);
  return table(['option', 'type', 'meaning'], rows);
}
