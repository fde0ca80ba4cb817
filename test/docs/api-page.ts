import { type Declared, declarationsOf, type Member } from './support/declarations.js';
import { plain } from './support/docstrings.js';
import { table } from './support/root.js';

/** What `feishu-connector` and `feishu-connector/simulator` export. */
export const [MAIN, SIMULATOR] = declarationsOf('index.ts', 'simulator/index.ts') as readonly [
  readonly Declared[],
  readonly Declared[],
];

/** The parts of docs/api.md, and which modules of the entry belong to each. */
export const TOPICS: Readonly<Record<string, readonly string[]>> = {
  connector: [
    './connector.js',
    './connector-options.js',
    './connector-events.js',
    './connector-status.js',
    './connector-error.js',
  ],
  delivery: ['./delivery/index.js', './connector-journal.js'],
  connection: ['./connection/index.js', './token/index.js', './observe/index.js'],
  catchup: ['./catchup/index.js', './connector-catchup.js'],
  sinks: ['./sinks/index.js', './connector-sinks.js'],
  dropin: ['./ws-client/index.js'],
  seams: ['./ports/index.js'],
};

/** Where the members stand already, with their defaults or what they give. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  Connector: 'library.md#createconnectoroptions',
  FeishuEvent: 'library.md#a-handlers-event',
  HandlerContext: 'library.md#a-handlers-context',
  DeadLetters: 'library.md#connectordeadletters',
  ConnectorOptions: 'configuration.md#as-a-library',
  ConnectionPolicy: 'configuration.md#connection',
  TokenPolicy: 'configuration.md#token',
  DeliveryPolicy: 'configuration.md#delivery',
  JournalOptions: 'configuration.md#journal',
  CatchupOptions: 'configuration.md#catchup',
  ViewPolicy: 'configuration.md#catchup',
  CatchupPolicy: 'configuration.md#catchup',
  ReconcilePolicy: 'configuration.md#catchup',
  BaselinePolicy: 'configuration.md#catchup',
  ReplacePolicy: 'configuration.md#catchup',
  BudgetPolicy: 'configuration.md#catchup',
  WebhookSettings: 'configuration.md#sink',
  WebhookOptions: 'configuration.md#sink',
  JetStreamSettings: 'configuration.md#sink',
  JetStreamOptions: 'configuration.md#sink',
  StreamSettings: 'configuration.md#sink',
  BrokerSettings: 'configuration.md#sink',
  FAILURES: 'failures.md',
  TOKEN_FAILURES: 'failures.md',
};

/** The parts of docs/api.md that are written by the code. */
export function apiParts(): Readonly<Record<string, string>> {
  const topics = Object.entries(TOPICS).map(([topic, modules]) => {
    const exports = modules.flatMap((module) => MAIN.filter(({ from }) => from === module));
    return [topic, exports.map(entryOf).join('\n\n')];
  });
  return { ...Object.fromEntries(topics), simulator: SIMULATOR.map(entryOf).join('\n\n') };
}

function entryOf(declared: Declared): string {
  const { name, docstring, members } = declared;
  const place = ELSEWHERE[name];
  const cases = casesOf(declared);
  const parts = [`### \`${name}\``, `\`${headOf(declared)}\``, plain(docstring, true)];
  if (cases.length > 1) parts.push(caseTable(cases));
  if (place !== undefined) parts.push(`→ [${place.replace(/#.*/, '')}](${place})`);
  else if (members.length > 0) parts.push(memberTable(name, members));
  return parts.filter((part) => part !== '').join('\n\n');
}

/** What a line has room for. */
const HEAD_LENGTH = 320;

/** One object of a union that is told apart by its first member. */
interface Case {
  readonly is: string;
  readonly holds: string;
}

/** Those of a union that is too long for a line; empty for everything else. */
function casesOf({ kind, head }: Declared): readonly Case[] {
  if (kind !== 'type' || head.length <= HEAD_LENGTH) return [];
  const union = head.slice(head.indexOf('= ') + 2);
  const cases = union.split(/(?<=\}) \| (?=\{)/).map((each) => {
    const [, is, holds = ''] = /^(?:\| )?\{ readonly \w+: ('[^']+'(?: \| '[^']+')*)(?:; (.*))? \}$/.exec(each) ?? [];
    return is === undefined ? null : { is, holds: holds.replace(/\breadonly (?=\w+\??:)/g, '') };
  });
  return cases.every((each) => each !== null) ? cases : [];
}

function caseTable(cases: readonly Case[]): string {
  return table(
    ['', 'with'],
    cases.map(({ is, holds }) => [`\`${is}\``, holds === '' ? '' : `\`${holds}\``]),
  );
}

function headOf(declared: Declared): string {
  const { kind, head, name } = declared;
  const told = head.replace(/^function /, '');
  // What a constant holds is for its page, or for whoever looks; that it is one says enough.
  if (kind === 'const' && told.includes('{')) return `${kind} ${name}`;
  return casesOf(declared).length > 1 ? `${kind} ${name}` : told;
}

function memberTable(of: string, members: readonly Member[]): string {
  const rows = members.map(({ path, type, isMethod, docstring }) => {
    const meaning = plain(docstring, true);
    if (path === 'constructor') return [`\`new ${of}${type}\``, '', meaning];
    if (isMethod) return [`\`${path}${type}\``, '', meaning];
    return [`\`${path}\``, type === '{}' ? '' : `\`${type}\``, meaning];
  });
  return table(['', 'type', 'meaning'], rows);
}
