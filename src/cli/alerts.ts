import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AlertOptions, ThresholdName } from '../alerts/index.js';
import { nearMiss } from '../ports/index.js';
import { CommandLineError } from './command-line-error.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { type CliFace, writeLine } from './face.js';
import { reportError } from './report-error.js';
import { writeFolder } from './shipped/output-folder.js';
import { packageFiles } from './shipped/package-files.js';
import { addSiteOptions, type SiteFlags, siteOptions } from './shipped/site.js';
import { columns, tellWritten } from './shipped/told.js';

interface AlertsOptions extends SiteFlags {
  readonly out?: string;
  readonly format: 'prometheus' | 'prometheus-rule';
  readonly threshold?: Readonly<Record<string, number>>;
  readonly dashboardUrl?: string;
  readonly runbooks?: true;
  readonly force?: true;
  readonly json?: true;
}

const HELP = `
Examples:
  feishu-connector alerts --out /etc/prometheus/feishu --threshold queueRatio=0.9
  feishu-connector alerts --format prometheus-rule | kubectl apply --filename -

Exit codes:
  0  written, or listed
  1  a file is in the way (--force replaces it), or the folder takes none
  2  wrong command line`;

const KUBERNETES_FILE = 'feishu-prometheus-rule.kubernetes.yml';

/** `feishu-connector alerts`: the rules, the routes and the runbooks, with a site's own numbers and names. */
export function registerAlerts(program: Command, face: CliFace, end: (code: ExitCode) => void): void {
  const command = program
    .command('alerts')
    .description('Writes the alert rules for Prometheus, with runbooks; without --out it lists files and thresholds.')
    .option('-o, --out <folder>', 'where to write; it is made if it is missing')
    .addOption(
      new Option('--format <format>', 'prometheus: rule files and example configurations; prometheus-rule: Kubernetes')
        .choices(['prometheus', 'prometheus-rule'])
        .default('prometheus'),
    )
    .option('--threshold <name=value>', 'another number for an alert; may be repeated', collectThreshold)
    .option('--dashboard-url <url>', "Grafana's root, without a slash at the end (default: links are relative)")
    .option('--runbooks', 'the runbooks too, in the folder runbooks/')
    .option('--force', 'replace files that are there with other content')
    .option('--json', 'what was written, or could be, as one JSON line')
    .addHelpText('after', HELP);
  addSiteOptions(command).action(async (options: AlertsOptions) => end(await alerts(options, face)));
}

export async function alerts(options: AlertsOptions, face: CliFace): Promise<ExitCode> {
  const { threshold: thresholds = {}, json: isJson = false } = options;
  try {
    const { alertFiles, THRESHOLDS } = await import('../alerts/index.js');
    checkThresholdNames(Object.keys(thresholds), Object.keys(THRESHOLDS));
    const site = await siteOptions(options, {
      thresholds: thresholds as Partial<Record<ThresholdName, number>>,
      ...(options.dashboardUrl !== undefined && { dashboardBaseUrl: options.dashboardUrl }),
    });
    const isKubernetes = options.format === 'prometheus-rule';
    const files = Object.fromEntries(
      Object.entries(alertFiles(site)).filter(([name]) => (name === KUBERNETES_FILE) === isKubernetes),
    );
    if (options.runbooks) {
      for (const [name, text] of Object.entries(await packageFiles('alerts/runbooks/', '.md'))) {
        files[`runbooks/${name}`] = text;
      }
    }
    if (options.out !== undefined) {
      const folder = resolve(face.cwd, options.out);
      tellWritten(face, folder, await writeFolder(folder, files, options.force ?? false), isJson);
    } else if (isKubernetes && !isJson && !options.runbooks) {
      // One document: it goes straight into `kubectl apply -f -`.
      face.stdout.write(files[KUBERNETES_FILE] ?? '');
    } else {
      await tellAvailable(face, Object.keys(files), site, isJson);
    }
    return EXIT.ok;
  } catch (error) {
    return reportError(face, error, isJson);
  }
}

async function tellAvailable(
  face: CliFace,
  files: readonly string[],
  { thresholds }: AlertOptions,
  isJson: boolean,
): Promise<void> {
  const { ALERT_NAMES, THRESHOLDS } = await import('../alerts/index.js');
  if (isJson) {
    writeLine(face.stdout, JSON.stringify({ files, alerts: ALERT_NAMES, thresholds }));
    return;
  }
  const numbers = Object.entries(THRESHOLDS).map(
    ([name, { why }]) => [`${name}=${thresholds[name as ThresholdName]}`, why] as const,
  );
  const lines = [
    `${ALERT_NAMES.length} alerts in these files; --out <folder> writes them:`,
    ...files.map((name) => `  ${name}`),
    '',
    'Numbers that --threshold name=value changes:',
    ...columns(numbers),
  ];
  writeLine(face.stdout, lines.join('\n'));
}

function collectThreshold(
  text: string,
  before: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const [, name, number = ''] = /^([A-Za-z0-9]+)=(.+)$/.exec(text) ?? [];
  const value = Number(number);
  if (name === undefined || number.trim() === '' || !Number.isFinite(value)) {
    throw new InvalidArgumentError('It must be a name and a number, as in queueRatio=0.9.');
  }
  return { ...before, [name]: value };
}

function checkThresholdNames(given: readonly string[], known: readonly string[]): void {
  for (const name of given) {
    if (known.includes(name)) continue;
    const meant = nearMiss(name, known);
    const advice = meant === null ? `Known are ${known.join(', ')}` : `Did you mean ${meant}?`;
    throw new CommandLineError(`--threshold: there is no threshold ${name}. ${advice}`);
  }
}
