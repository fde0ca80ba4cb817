import { resolve } from 'node:path';
import type { Command } from 'commander';
import { EXIT, type ExitCode } from './exit-code.js';
import { type CliFace, writeLine } from './face.js';
import { reportError } from './report-error.js';
import { adaptDashboard, type DashboardChanges } from './shipped/adapt-dashboard.js';
import { writeFolder } from './shipped/output-folder.js';
import { packageFiles } from './shipped/package-files.js';
import { addSiteOptions, type SiteFlags, siteOptions } from './shipped/site.js';
import { columns, tellWritten } from './shipped/told.js';

interface DashboardsOptions extends SiteFlags {
  readonly dataSource?: string;
  readonly out?: string;
  readonly provisioning?: true;
  readonly force?: true;
  readonly json?: true;
}

const HELP = `
Examples:
  feishu-connector dashboards --out ./dashboards
  feishu-connector dashboards --out /etc/grafana/feishu --provisioning --data-source prometheus

Exit codes:
  0  written, or listed
  1  a file is in the way (--force replaces it), or the folder takes none
  2  wrong command line`;

/** `feishu-connector dashboards`: the Grafana boards, with a site's own names. */
export function registerDashboards(program: Command, face: CliFace, end: (code: ExitCode) => void): void {
  const command = program
    .command('dashboards')
    .description('Writes the Grafana dashboards as JSON; without --out it lists them.')
    .option('-o, --out <folder>', 'where to write; it is made if it is missing')
    .option('--data-source <uid>', "the data source that the boards open with (default: Grafana's default Prometheus)")
    .option('--provisioning', "Grafana's provisioning files too, in the folder provisioning/")
    .option('--force', 'replace files that are there with other content')
    .option('--json', 'what was written, or could be, as one JSON line')
    .addHelpText('after', HELP);
  addSiteOptions(command).action(async (options: DashboardsOptions) => end(await dashboards(options, face)));
}

export async function dashboards(options: DashboardsOptions, face: CliFace): Promise<ExitCode> {
  const isJson = options.json ?? false;
  try {
    const changes = await changesOf(options);
    const boards = await packageFiles('dashboards/', '.json');
    if (options.out === undefined) {
      tellAvailable(face, boards, isJson);
      return EXIT.ok;
    }
    const files: Record<string, string> = {};
    for (const [name, text] of Object.entries(boards)) files[name] = adaptDashboard(text, changes);
    if (options.provisioning) {
      for (const [name, text] of Object.entries(await packageFiles('dashboards/provisioning/', '.yml'))) {
        files[`provisioning/${name}`] = text;
      }
    }
    const folder = resolve(face.cwd, options.out);
    tellWritten(face, folder, await writeFolder(folder, files, options.force ?? false), isJson);
    return EXIT.ok;
  } catch (error) {
    return reportError(face, error, isJson);
  }
}

/** Only what was asked for: a board that nobody changes opens with all jobs, whatever they are called. */
async function changesOf(flags: DashboardsOptions): Promise<DashboardChanges> {
  const { job, appLabel, runbookBaseUrl } = await siteOptions(flags);
  return {
    ...(flags.dataSource !== undefined && { dataSource: flags.dataSource }),
    ...(flags.job !== undefined && { job }),
    ...(flags.appLabel !== undefined && { appLabel }),
    ...(flags.runbookUrl !== undefined && { runbookBaseUrl }),
  };
}

function tellAvailable(face: CliFace, boards: Readonly<Record<string, string>>, isJson: boolean): void {
  const found = Object.entries(boards).map(([name, text]) => {
    const { title = '', description = '' } = JSON.parse(text) as { title?: string; description?: string };
    return { name, title, description };
  });
  if (isJson) {
    writeLine(face.stdout, JSON.stringify({ files: found }));
    return;
  }
  const rows = found.map(({ name, title, description }) => [name, `${title}: ${description}`] as const);
  writeLine(face.stdout, ['Boards for Grafana; --out <folder> writes them:', ...columns(rows)].join('\n'));
}
