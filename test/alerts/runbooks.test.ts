import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import {
  ALERT_NAMES,
  ALERTS,
  BASELINE_RECORDINGS,
  DASHBOARDS,
  RECORDINGS,
  THRESHOLDS,
} from '../../src/alerts/index.js';
import { CALL_FAILURES, LOOKOUT_DEFAULTS } from '../../src/catchup/index.js';
import { DEFAULT_CONNECTION_POLICY, FAILURES, FRAME_ERROR_REASONS, verdictOf } from '../../src/connection/index.js';
import { createConnector } from '../../src/connector.js';
import { ENVIRONMENT } from '../../src/daemon/index.js';
import { ROUTES } from '../../src/daemon/surface-routes.js';
import {
  ACK_FAILURES,
  DEAD_LETTER_REASONS,
  DELIVERY_DEFAULTS,
  DROP_REASONS,
  HANDLER_FAILURES,
  JOURNAL_FAILURES,
} from '../../src/delivery/index.js';
import { API_FAILURES } from '../../src/observe/http.js';
import { definitionOf, LABELS, METRIC_NAMES } from '../../src/observe/index.js';
import { SEND_FAILURES } from '../../src/sinks/index.js';
import { TOKEN_DEFAULTS, TOKEN_FAILURES } from '../../src/token/index.js';
import { refusalOfArguments } from '../docs/support/command-line.js';
import { commandsOf as wordsOf } from '../docs/support/shell.js';
import {
  anchorsOf,
  codeBlocksOf,
  codeSpansOf,
  commandsOf,
  firstWordOf,
  linksOf,
  SECTIONS,
  sectionOf,
  sectionsOf,
} from '../support/runbook.js';
import { withGeneratedParts } from '../support/runbook-index.js';

const FOLDER = fileURLToPath(new URL('../../alerts/runbooks/', import.meta.url));
const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** Options of the outside look, as `view.intervalMs`. */
const LOOKOUT_OPTIONS = new Set(
  Object.entries(LOOKOUT_DEFAULTS).flatMap(([part, fields]) =>
    typeof fields === 'object' ? Object.keys(fields).map((name) => `${part}.${name}`) : [],
  ),
);

/** Each page by file name, the README included. */
const PAGES = new Map(readdirSync(FOLDER).map((file) => [file, readFileSync(join(FOLDER, file), 'utf8')]));
const RUNBOOKS = new Map([...PAGES].filter(([file]) => file !== 'README.md'));

/** Everything found on any page that breaks a rule, as `page: what`: one look shows all there is to mend. */
function offences(
  pages: ReadonlyMap<string, string>,
  found: (page: string, file: string) => Iterable<string>,
): string[] {
  return [...pages].flatMap(([file, page]) => [...found(page, file)].map((what) => `${file}: ${what}`));
}

function sourcesOf(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
}

test('every alert has a runbook, and every runbook an alert', () => {
  const names = [...RUNBOOKS.keys()].map((file) => file.replace(/\.md$/, ''));
  expect(names.sort()).toEqual([...ALERT_NAMES].sort());
});

test('a runbook is titled after its alert and fits a screen: 60 lines at most', () => {
  for (const [file, page] of RUNBOOKS) {
    expect(page.split('\n', 1)[0]).toBe(`# ${file.replace(/\.md$/, '')}`);
    expect({ file, lines: page.trimEnd().split('\n').length <= 60 }).toEqual({ file, lines: true });
  }
});

test('a runbook has all parts in their order, and none is empty or left for later', () => {
  for (const [file, page] of RUNBOOKS) {
    expect({ file, sections: sectionsOf(page) }).toEqual({ file, sections: SECTIONS });
    for (const section of SECTIONS)
      expect({ file, section, text: sectionOf(page, section) }).not.toMatchObject({ text: '' });
  }
  expect(offences(PAGES, (page) => page.match(/\b(TODO|TBD|FIXME|XXX)\b/g) ?? [])).toEqual([]);
});

/** The recovery of these leaves no line in the connector's log: it is seen in events, or in Prometheus alone. */
const WITHOUT_LOG_LINE: ReadonlySet<string> = new Set([
  'FeishuEventsBelowBaseline.md',
  'FeishuNeverReceived.md',
  'FeishuRuleEvaluationFailing.md',
  'FeishuAlertsNotDelivered.md',
  'FeishuWatchdog.md',
]);

test('whoever is called at night finds three facts, a table, an undo and when to escalate', () => {
  for (const [file, page] of RUNBOOKS) {
    const facts = sectionOf(page, 'First minute').match(/^\d\. /gm)?.length ?? 0;
    const found = {
      facts,
      isTable: /^\|---\|---\|---\|$/m.test(sectionOf(page, 'Diagnosis')),
      steps: /^1\. /m.test(sectionOf(page, 'Mitigation')),
      undo: /^Undo: /m.test(sectionOf(page, 'Mitigation')),
      escalate: /^Escalate: /m.test(sectionOf(page, 'Mitigation')),
      proof: /\bquery\b|```promql|`feishu_/i.test(sectionOf(page, 'Recovered when')),
      logLine: /`\[feishu\] /.test(sectionOf(page, 'Recovered when')) || WITHOUT_LOG_LINE.has(file),
    };
    expect({ file, ...found }).toEqual({
      file,
      facts: 3,
      isTable: true,
      steps: true,
      undo: true,
      escalate: true,
      proof: true,
      logLine: true,
    });
  }
});

test("a runbook's meaning names the failure modes of its alert, and its text links the alert's board", () => {
  const missing = ALERTS.flatMap(({ name, failureModes, dashboard }) => {
    const page = RUNBOOKS.get(`${name}.md`) ?? '';
    const named: readonly string[] = sectionOf(page, 'Meaning').match(/\bF\d\d\b/g) ?? [];
    return [
      ...failureModes.filter((mode) => !named.includes(mode)),
      ...(page.includes(`[${dashboard}](README.md#boards)`) ? [] : [dashboard]),
    ].map((what) => `${name}: ${what}`);
  });
  expect([...new Set(missing)]).toEqual([]);
});

test('every metric on a page is one that we, our rules, Node or Prometheus export', () => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const known = new Set<string>([
    ...METRIC_NAMES,
    ...METRIC_NAMES.filter((name) => definitionOf(name).type === 'histogram').flatMap((name) =>
      ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`),
    ),
    ...[...RECORDINGS, ...BASELINE_RECORDINGS].map(({ record }) => record),
    ...registry.getMetricsAsArray().map(({ name }) => name),
    'prometheus_rule_evaluation_failures_total',
    'prometheus_notifications_alertmanagers_discovered',
    'prometheus_notifications_errors_total',
    'prometheus_notifications_sent_total',
  ]);
  const named = offences(
    PAGES,
    (page) => page.match(/\b(?:job_app:)?(?:feishu|process|nodejs|prometheus)_[a-z0-9_:]*[a-z0-9]/g) ?? [],
  );
  expect(named.length).toBeGreaterThan(60);
  expect(named.filter((what) => !known.has(what.split(': ')[1] ?? ''))).toEqual([]);
});

test('every snake_case word in backticks is a word of our tables, labels or log fields', () => {
  const logFields = sourcesOf(join(SRC, 'observe')).match(/\b[a-z]+(?:_[a-z0-9]+)+(?=[:,])/g) ?? [];
  const known = new Set<string>([
    ...Object.keys(FAILURES),
    ...Object.keys(TOKEN_FAILURES),
    ...API_FAILURES,
    ...DROP_REASONS,
    ...HANDLER_FAILURES,
    ...ACK_FAILURES,
    ...JOURNAL_FAILURES,
    ...DEAD_LETTER_REASONS,
    ...Object.keys(SEND_FAILURES),
    ...Object.keys(CALL_FAILURES),
    ...FRAME_ERROR_REASONS,
    ...LABELS,
    ...logFields,
    ...ALERTS.flatMap(({ labels = {} }) => Object.keys(labels)),
    'runbook_url',
    'dashboard_url',
    'metric_relabel_configs',
    'process_', // the prefix of Node's metrics
    'feishu_',
  ]);
  const words = offences(PAGES, (page) =>
    codeSpansOf(page).filter(
      (span) => /^[a-z]+(_[a-z0-9]*)+$/.test(span) && !(METRIC_NAMES as readonly string[]).includes(span),
    ),
  );
  expect(words.length).toBeGreaterThan(50);
  expect(words.filter((what) => !known.has(what.split(': ')[1] ?? ''))).toEqual([]);
});

test('every failure that needs a human has a row in the runbook that the alert on it opens', () => {
  const page = RUNBOOKS.get('FeishuConnectRejected.md') ?? '';
  const codes = (Object.keys(FAILURES) as (keyof typeof FAILURES)[]).filter((code) => verdictOf(code) === 'operator');
  expect(codes.length).toBeGreaterThan(3);
  for (const code of codes) expect(anchorsOf(page)).toContain(code);
});

test('every token failure has a row in the runbook on failing refreshes', () => {
  const diagnosis = sectionOf(RUNBOOKS.get('FeishuTokenRefreshFailing.md') ?? '', 'Diagnosis');
  for (const code of Object.keys(TOKEN_FAILURES)) expect(diagnosis).toContain(`\`${code}\``);
});

test('every way to fail a journal, a sink, a look from outside and an event for good has a row in its runbook', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['FeishuJournalFailing.md', JOURNAL_FAILURES],
    ['FeishuDeadLetters.md', DEAD_LETTER_REASONS],
    // What the delivery itself gave up is no fault of the sink.
    ['FeishuSinkDown.md', Object.keys(SEND_FAILURES).filter((failure) => failure !== 'aborted')],
    // Our own stop is no failure, and whom the platform counts is asked of no chat.
    ['FeishuEventGapLost.md', Object.keys(CALL_FAILURES).filter((failure) => failure !== 'aborted')],
    [
      'FeishuServerViewStale.md',
      Object.keys(CALL_FAILURES).filter((failure) => !['aborted', 'not_a_member'].includes(failure)),
    ],
  ];
  for (const [file, codes] of rows) {
    const diagnosis = sectionOf(RUNBOOKS.get(file) ?? '', 'Diagnosis');
    for (const code of codes)
      expect({ file, code, diagnosis }).toMatchObject({ diagnosis: expect.stringContaining(`\`${code}\``) });
  }
});

test('every way to fail an attempt that mends itself has a row in the runbook on a lost connection', () => {
  const diagnosis = sectionOf(RUNBOOKS.get('FeishuWsDisconnected.md') ?? '', 'Diagnosis');
  const whileConnected = [
    'closed_by_peer',
    'connection_reset',
    'heartbeat_timeout',
    'protocol_error',
    'replaced',
    'local_stop',
  ];
  const flapping = sectionOf(RUNBOOKS.get('FeishuWsFlapping.md') ?? '', 'Diagnosis');
  for (const code of Object.keys(FAILURES) as (keyof typeof FAILURES)[]) {
    if (verdictOf(code) === 'operator' || code === 'replaced' || code === 'local_stop') continue;
    expect(whileConnected.includes(code) ? flapping : diagnosis).toContain(`\`${code}\``);
  }
});

test('every relative link leads to a page and a place that exist', () => {
  const dead = offences(PAGES, function* (page, file) {
    for (const link of linksOf(page)) {
      if (/^https?:/.test(link)) continue;
      const [path, anchor] = link.split('#');
      const target = PAGES.get(path || file);
      if (target === undefined || (anchor !== undefined && !anchorsOf(target).has(anchor))) yield link;
    }
  });
  expect(dead).toEqual([]);
  expect(offences(RUNBOOKS, linksOf).length).toBeGreaterThan(100);
});

test('every alert and every board that a page names exists', () => {
  const names = offences(PAGES, (page) => page.match(/\bFeishu[A-Z]\w+/g) ?? []);
  expect(names.filter((what) => !ALERT_NAMES.includes(what.split(': ')[1] ?? ''))).toEqual([]);
  const boards = offences(PAGES, (page) => [...page.matchAll(/\[(feishu-\w+)\]/g)].map(([, uid = '']) => uid));
  expect(boards.filter((what) => !(DASHBOARDS as readonly string[]).includes(what.split(': ')[1] ?? ''))).toEqual([]);
});

test('every quoted log line is one that the sources write', () => {
  const sources = sourcesOf(SRC);
  const quoted = offences(PAGES, (page) => page.match(/\[feishu\] [^`"]+/g) ?? []);
  expect(quoted.length).toBeGreaterThan(50);
  // With the closing quote, so that a page cannot quote half a line.
  expect(quoted.filter((what) => !sources.includes(`${what.slice(what.indexOf('[feishu]'))}'`))).toEqual([]);
});

/** Programs that a runbook may ask for. */
const PROGRAMS: ReadonlySet<string> = new Set([
  'amtool',
  'curl',
  'df',
  'feishu-connector',
  'getent',
  'journalctl',
  'kill',
  'kubectl',
  'promtool',
  'ss',
  'systemctl',
]);

test('commands are of common programs, ask for endpoints that exist, and for no command of ours that does not', () => {
  const endpoints = new Set(ROUTES.filter(({ methods }) => methods.includes('GET')).map(({ path }) => path));
  const commands: readonly string[] = sourcesOf(join(SRC, 'cli')).match(/(?<=\.command\(')[\w-]+/g) ?? [];
  expect(endpoints).toContain('/status');
  const wrong = offences(PAGES, function* (page) {
    for (const command of commandsOf(page, PROGRAMS)) {
      if (!PROGRAMS.has(firstWordOf(command))) yield command;
    }
    for (const [url, path = ''] of page.matchAll(/127\.0\.0\.1:9464(\/\w*)/g)) if (!endpoints.has(path)) yield url;
    for (const span of codeSpansOf(page)) {
      // Both words of a command with commands of its own.
      const [, ...words] = /^feishu-connector ([\w-]+)(?: ([a-z]+))?/.exec(span) ?? [];
      if (words.some((word) => word !== undefined && !commands.includes(word))) yield span;
    }
  });
  expect(wrong).toEqual([]);
  expect(offences(RUNBOOKS, (page) => commandsOf(page, PROGRAMS)).length).toBeGreaterThan(50);
});

test('every command line of ours is one that it takes, by its name on a host and by its file in the image', async () => {
  const refused: unknown[] = [];
  let count = 0;
  for (const [file, page] of PAGES) {
    for (const line of [...commandsOf(page, PROGRAMS), ...codeSpansOf(page)]) {
      for (const { words } of wordsOf(line)) {
        // Behind another word the name is that of a unit, of pods or of a label; alone it is no command line either.
        const at = words[0] === 'feishu-connector' ? 0 : words.indexOf('dist/cli/main.js');
        if (at < 0 || words.length === at + 1) continue;
        count += 1;
        const refusal = await refusalOfArguments(words.slice(at + 1));
        if (refusal !== null) refused.push({ file, line, refusal });
      }
    }
  }
  expect(refused).toEqual([]);
  expect(count).toBeGreaterThan(10);
});

test('commands for Kubernetes name what the manifest that ships makes, and run in a pod what its image has', () => {
  const manifest = parseAllDocuments(
    readFileSync(join(FOLDER, '../../deploy/kubernetes/feishu-connector.yaml'), 'utf8'),
  );
  const made = manifest.map((document) => document.toJS() as Manifest);
  const owners = new Set(made.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`));
  const labels = new Set(
    made.flatMap(({ metadata }) => Object.entries(metadata.labels ?? {}).map((label) => label.join('='))),
  );
  expect(owners).toContain('statefulset/feishu-connector');
  const image = readFileSync(join(FOLDER, '../../deploy/container/Dockerfile'), 'utf8');
  const [, program = '', file = ''] = /^ENTRYPOINT \["(\w+)", "([^"]+)"\]$/m.exec(image) ?? [];
  expect(`${program} ${file}`).toBe('node dist/cli/main.js');
  const wrong = offences(PAGES, function* (page) {
    for (const command of commandsOf(page, PROGRAMS).filter((each) => firstWordOf(each) === 'kubectl')) {
      for (const [owner] of command.matchAll(/\b[a-z]+\/feishu-connector\b/g)) if (!owners.has(owner)) yield command;
      for (const [, label = ''] of command.matchAll(/ -l (\S+)/g)) if (!labels.has(label)) yield command;
      const [, inside] = / -- (.+)$/.exec(command) ?? [];
      if (inside !== undefined && !inside.startsWith(`${program} ${file} `) && !inside.startsWith(`${program} -e `))
        yield command;
    }
  });
  expect(wrong).toEqual([]);
});

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

test('every option, threshold, environment variable and field of the status on a page exists', () => {
  const connector = createConnector({ appId: 'cli_0123456789abcdef', appSecret: 'secret', handlers: {} });
  const statusSource = readFileSync(join(SRC, 'connector-status.ts'), 'utf8');
  const roots: Readonly<Record<string, readonly string[]>> = {
    ...Object.fromEntries(Object.keys(connector.status()).map((root) => [root, fieldsOf(statusSource, root)])),
    connection: Object.keys(DEFAULT_CONNECTION_POLICY),
    connector: ['stop()', 'dispose()', 'registry', 'catchUp()'],
    catchup: Object.keys(LOOKOUT_DEFAULTS),
    thresholds: Object.keys(THRESHOLDS),
  };
  const policies: Readonly<Record<string, readonly string[]>> = {
    token: Object.keys(TOKEN_DEFAULTS),
    delivery: Object.keys(DELIVERY_DEFAULTS),
  };
  const wrong = offences(PAGES, function* (page) {
    for (const span of codeSpansOf(page)) {
      const [, part = '', name = ''] = /^catchup\.([a-zA-Z]+)\.([a-zA-Z]+)$/.exec(span) ?? [];
      if (part !== '' && !LOOKOUT_OPTIONS.has(`${part}.${name}`)) yield span;
      const [, root = '', field = ''] = /^([a-zA-Z]+)\.([a-zA-Z]+(?:\(\))?)$/.exec(span) ?? [];
      if (root === '') continue;
      if (![...(roots[root] ?? []), ...(policies[root] ?? [])].includes(field)) yield span;
    }
    for (const name of page.match(/\bFEISHU_\w+/g) ?? []) if (!(name in ENVIRONMENT)) yield name;
  });
  expect(wrong).toEqual([]);
});

/** Names of the fields that the interface of the status gives to one of its members, those of a Fact included. */
function fieldsOf(source: string, member: string): string[] {
  const [, type = ''] = new RegExp(`readonly ${member}: ([\\s\\S]*?);\n(?:  /\\*\\*|  readonly|})`).exec(source) ?? [];
  const fact = type.startsWith('Fact') ? ['is', 'evidence', 'ageMs'] : [];
  return [...fact, ...[...type.matchAll(/readonly (\w+):/g)].map(([, field = '']) => field)];
}

test('every query on a page is one that Prometheus can parse', () => {
  const queries = [...PAGES.values()].flatMap((page) => [
    ...codeBlocksOf(page)
      .filter(({ language }) => language === 'promql')
      .map(({ code }) => code),
    ...codeSpansOf(page).filter((span) => /^(?:feishu_\w+|job_app:\S+|ALERTS|up)\s*[{=<>]/.test(span)),
  ]);
  expect(queries.length).toBeGreaterThanOrEqual(RUNBOOKS.size);
  const rules = queries.map((expr, i) => ({ record: `runbook:query:${i}`, expr }));
  const folder = mkdtempSync(join(tmpdir(), 'runbooks-'));
  try {
    const file = join(folder, 'runbooks.rules.yml');
    writeFileSync(file, stringify({ groups: [{ name: 'runbooks', rules }] }));
    expect(execFileSync('promtool', ['check', 'rules', file], { encoding: 'utf8' })).toContain(
      `${rules.length} rules found`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('every page has a query, and only languages that are checked', () => {
  const languages = offences(PAGES, (page) => codeBlocksOf(page).map(({ language }) => language));
  expect(languages.filter((what) => !/: (bash|promql)$/.test(what))).toEqual([]);
  for (const [file, page] of RUNBOOKS) {
    expect({ file, has: codeBlocksOf(page).some(({ language }) => language === 'promql') }).toEqual({
      file,
      has: true,
    });
  }
});

test('the README is what alerts, failures and thresholds say; UPDATE=1 writes it anew', () => {
  const page = join(FOLDER, 'README.md');
  const now = readFileSync(page, 'utf8');
  const expected = withGeneratedParts(now);
  if (process.env.UPDATE === '1') writeFileSync(page, expected);
  expect(readFileSync(page, 'utf8')).toBe(expected);
});
