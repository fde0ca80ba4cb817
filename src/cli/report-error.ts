import { ConnectorError } from '../connector-error.js';
import { environmentWarnings } from '../daemon/config-environment.js';
import { ConfigError } from '../daemon/config-error.js';
import { HandlerModuleError } from '../daemon/handler-module.js';
import { ProgramMissingError } from '../monitoring/program.js';
import { redact } from '../ports/index.js';
import { CommandLineError } from './command-line-error.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { type CliFace, writeLine } from './face.js';
import { UnknownDaemonError } from './unknown-daemon.js';

const TRY_IT = `To try it without a Feishu account: feishu-connector demo
or, against an embedded simulator of the platform: feishu-connector run --simulator`;

/** Says why a command did not start, to people or, with `isJson`, to programs. @returns Its exit code. */
export function reportError(face: CliFace, error: unknown, isJson: boolean): ExitCode {
  const message = redact(error instanceof Error ? error.message : String(error));
  const problems = error instanceof ConfigError ? error.problems : [];
  // A misspelt variable is why something is missing. Where the daemon starts all the same, its log says so.
  const hints = error instanceof ConfigError ? environmentWarnings(face.env) : [];
  if (isJson) {
    const type = error instanceof Error ? error.name : 'Error';
    writeLine(face.stderr, redact(JSON.stringify({ error: type, message, problems, hints })));
  } else {
    writeLine(face.stderr, `feishu-connector: ${message.replaceAll('\n', '\n  ')}`);
    for (const hint of hints) writeLine(face.stderr, `(${redact(hint)})`);
    if (error instanceof UnknownDaemonError)
      writeLine(
        face.stderr,
        `Nor does a daemon listen at ${error.url}. One that listens elsewhere is named with --url.`,
      );
    else if (problems.some(({ isMissing }) => isMissing)) writeLine(face.stderr, TRY_IT);
  }
  return isUsersToMend(error) ? EXIT.usage : EXIT.failure;
}

function isUsersToMend(error: unknown): boolean {
  return (
    error instanceof ConfigError ||
    error instanceof CommandLineError ||
    error instanceof HandlerModuleError ||
    error instanceof ProgramMissingError ||
    (error instanceof ConnectorError && error.code === 'bad_option')
  );
}
