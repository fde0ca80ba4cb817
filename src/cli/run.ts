import { type Command, Option } from 'commander';
import { DAEMON_DEFAULTS } from '../daemon/config-defaults.js';
import { ENVIRONMENT } from '../daemon/config-environment.js';
import { TRACING_ENVIRONMENT } from '../daemon/tracing-settings.js';
import { EXIT_HELP, type ExitCode } from './exit-code.js';
import type { CliFace } from './face.js';
import type { RunOptions } from './run/run-daemon.js';

/** `feishu-connector run`: the daemon. */
export function registerRun(program: Command, face: CliFace, end: (code: ExitCode) => void): void {
  program
    .command('run')
    .description('Connects apps and hands their events to handlers, or prints them as JSON lines.')
    .option('-c, --config <file>', 'YAML or JSON file; without one the environment is enough')
    .option('--simulator', 'connect to an embedded simulator instead of Feishu: nothing of it is real')
    .option(
      '--listen <host:port>',
      `HTTP surface with /metrics, /livez, /readyz, /status (default: ${DAEMON_DEFAULTS.listen})`,
    )
    .addOption(new Option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent (default: info)'))
    .option('--json', 'messages as JSON lines, no banner')
    .addHelpText('after', `\n${environmentHelp()}\n\n${EXIT_HELP}`)
    .action(async (options: RunOptions) => {
      const { runDaemon } = await import('./run/run-daemon.js');
      end(await runDaemon(options, face));
    });
}

function environmentHelp(): string {
  const lines = (helpOf: Readonly<Record<string, string>>) => {
    const width = Math.max(...Object.keys(helpOf).map((name) => name.length)) + 2;
    return Object.entries(helpOf).map(([name, help]) => `  ${name.padEnd(width)}${help}`);
  };
  return [
    'Environment (over the file, under the command line):',
    ...lines(Object.fromEntries(Object.entries(ENVIRONMENT).map(([name, { help }]) => [name, help]))),
    '',
    'Tracing, as OpenTelemetry has it (or tracing: in the file); the SDK is loaded only then:',
    ...lines(TRACING_ENVIRONMENT),
  ].join('\n');
}
