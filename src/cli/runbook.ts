import { readdirSync } from 'node:fs';
import type { Command } from 'commander';
import { packageFolder } from '../observe/package-folder.js';
import { nearMiss } from '../ports/index.js';
import { CommandLineError } from './command-line-error.js';
import { ListedArgument } from './completion/tree.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { type CliFace, writeLine } from './face.js';
import { reportError } from './report-error.js';
import { packageFiles } from './shipped/package-files.js';
import { columns } from './shipped/told.js';

const FOLDER = 'alerts/runbooks/';

const HELP = `
Examples:
  feishu-connector runbook
  feishu-connector runbook FeishuWsZombie
  feishu-connector runbook README         what all of them have in common: boards, restarts, failure codes, thresholds

It needs neither a network nor a daemon. A daemon has the same as pages at /runbooks of its HTTP surface.

Exit codes:
  0  printed
  1  the package is incomplete
  2  wrong command line, or no runbook of that name`;

/** `feishu-connector runbook`: what to do about an alert, where nothing but this package can be reached. */
export function registerRunbook(program: Command, face: CliFace, end: (code: ExitCode) => void): void {
  program
    .command('runbook')
    .description('Prints the runbook of an alert, as Markdown; without a name it lists them.')
    .addArgument(new ListedArgument('[name]', 'the alert, or README', namesOfAll))
    .option('--json', 'the list, or name and text, as one JSON line')
    .addHelpText('after', HELP)
    .action(async (name: string | undefined, { json: isJson = false }: { readonly json?: boolean }) =>
      end(await runbook(name, face, isJson)),
    );
}

async function runbook(name: string | undefined, face: CliFace, isJson: boolean): Promise<ExitCode> {
  try {
    const files = await packageFiles(FOLDER, '.md');
    if (name === undefined) {
      const listed = await summaries(files);
      const rows = listed.map((row) => [row.name, row.summary] as const);
      const lines = ['Runbooks; feishu-connector runbook <name> prints one:', ...columns(rows)];
      writeLine(face.stdout, isJson ? JSON.stringify({ runbooks: listed }) : lines.join('\n'));
      return EXIT.ok;
    }
    const wanted = name.replace(/\.md$/, '');
    const text = Object.hasOwn(files, `${wanted}.md`) ? files[`${wanted}.md`] : undefined;
    if (text === undefined) throw new CommandLineError(`there is no runbook ${name}. ${adviceOn(wanted, files)}`);
    if (isJson) writeLine(face.stdout, JSON.stringify({ name: wanted, text }));
    else face.stdout.write(text);
    return EXIT.ok;
  } catch (error) {
    return reportError(face, error, isJson);
  }
}

/** What each alert says in one sentence, in the order of the rules: who looks for a page knows what is wrong, not its name. */
async function summaries(files: Readonly<Record<string, string>>) {
  const { ALERTS } = await import('../alerts/index.js');
  const byName = new Map(ALERTS.map(({ name, summary }) => [`${name}.md`, { name, summary }]));
  return [...byName].filter(([file]) => Object.hasOwn(files, file)).map(([, row]) => row);
}

function adviceOn(wanted: string, files: Readonly<Record<string, string>>): string {
  const names = Object.keys(files).map((file) => file.replace(/\.md$/, ''));
  // What all of them begin with is the first to be left out.
  const meant = nearMiss(wanted, names) ?? nearMiss(`Feishu${wanted}`, names);
  return meant === null ? 'feishu-connector runbook lists them' : `Did you mean ${meant}?`;
}

function namesOfAll(): readonly string[] {
  return readdirSync(new URL(FOLDER, packageFolder()))
    .filter((file) => file.endsWith('.md'))
    .map((file) => file.replace(/\.md$/, ''))
    .sort();
}
