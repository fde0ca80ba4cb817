import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs that tests run: what they are called on disk, and the Debian package that brings them. */
const TOOLS = {
  prometheus: { programs: ['prometheus'], package: 'prometheus' },
  promtool: { programs: ['promtool'], package: 'prometheus' },
  alertmanager: { programs: ['prometheus-alertmanager', 'alertmanager'], package: 'prometheus-alertmanager' },
  amtool: { programs: ['amtool'], package: 'prometheus-alertmanager' },
  'nats-server': { programs: ['nats-server'], package: 'nats-server' },
  chromium: { programs: ['chromium', 'chromium-browser'], package: 'chromium' },
} as const;

export type ToolName = keyof typeof TOOLS;

/**
 * The path of a program.
 * @throws Error naming the program and what to install. A test that needs a program fails without it: a check that is
 * skipped in silence is none.
 */
export function requireTool(name: ToolName): string {
  const { programs, package: debianPackage } = TOOLS[name];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const found = programs.map((program) => join(folder, program)).find(isExecutable);
    if (found !== undefined) return found;
  }
  throw new Error(`${name} is not installed: run scripts/setup-tools, or install the package ${debianPackage}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not ours to run: look further
  }
}
