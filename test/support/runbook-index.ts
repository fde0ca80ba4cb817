import { ALERT_NAMES, ALERTS, LAYERS, THRESHOLDS } from '../../src/alerts/index.js';
import { FAILURES } from '../../src/connection/index.js';
import { TOKEN_FAILURES } from '../../src/token/index.js';

/** The README with every generated part as the sources say it now; what stands between is kept. */
export function withGeneratedParts(readme: string): string {
  return Object.entries(PARTS).reduce((text, [name, lines]) => {
    const part = new RegExp(`(<!-- ${name}: generated -->\n)[\\s\\S]*?(<!-- end -->)`);
    if (!part.test(text)) throw new Error(`the README has no place for the generated part ${name}`);
    return text.replace(part, (_all, open: string, close: string) => `${open}${lines().join('\n')}\n${close}`);
  }, readme);
}

const PARTS = { alerts: alertLines, failures: failureLines, thresholds: thresholdLines } as const;

const LAYER_TITLES: Readonly<Record<(typeof LAYERS)[number], string>> = {
  meta: 'Monitoring itself',
  process: 'The process',
  connection: 'The connection',
  auth: 'Credentials, token, quota',
  events: 'Events',
  ack: 'Acks',
  slo: 'Objectives',
};

function alertLines(): string[] {
  return LAYERS.flatMap((layer) => {
    const names = ALERT_NAMES.filter((name) => ALERTS.some((alert) => alert.name === name && alert.layer === layer));
    if (names.length === 0) return [];
    return ['', `**${LAYER_TITLES[layer]}** (layer \`${layer}\`)`, '', ...names.map(alertLine)];
  }).concat('');
}

function alertLine(name: string): string {
  const rows = ALERTS.filter((alert) => alert.name === name);
  const severities = [...new Set(rows.map(({ severity }) => severity))].join(' or ');
  return `- [${name}](${name}.md), ${severities}: ${rows[0]?.summary ?? ''}`;
}

/** The two tables share one code; its row names both rooms' meaning. */
function failureLines(): string[] {
  const rows = Object.entries({ ...TOKEN_FAILURES, ...FAILURES }).map(
    ([code, { verdict, help }]) => `| <a id="${code}"></a>\`${code}\` | ${verdict} | ${help} |`,
  );
  return ['', '| code | verdict | what it means and what to do |', '|---|---|---|', ...rows, ''];
}

function thresholdLines(): string[] {
  const rows = Object.entries(THRESHOLDS).map(([name, { value, why }]) => `| \`${name}\` | ${value} | ${why} |`);
  return ['', '| threshold | default | why |', '|---|---|---|', ...rows, ''];
}
