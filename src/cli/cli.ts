import { Command, CommanderError } from 'commander';
import { readBuild, redact } from '../observe/index.js';
import { COMMANDS } from './commands.js';
import { EXIT, EXIT_HELP, type ExitCode } from './exit-code.js';
import { type CliFace, type Fault, hasColour, writeLine } from './face.js';

/**
 * Runs one command line to its end. Never rejects, and leaves no listener behind.
 * @returns The exit code, see {@link EXIT}.
 */
export async function runCli(face: CliFace): Promise<ExitCode> {
  // A process in an unknown state must not go on as a zombie that claims to be connected: its supervisor starts a new one.
  const endFaults = face.onFault((fault) => {
    writeLine(face.stderr, faultLine(fault));
    face.exitNow(EXIT.failure);
  });
  let code: ExitCode = EXIT.ok;
  try {
    const program = createProgram(face, (ended) => {
      code = ended;
    });
    await program.parseAsync([...face.argv], { from: 'user' });
    return code;
  } catch (error) {
    // Commander has written its message already; help and version end this way too, with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    writeLine(face.stderr, faultLine({ kind: 'uncaughtException', error }));
    return EXIT.failure;
  } finally {
    endFaults();
  }
}

function createProgram(face: CliFace, end: (code: ExitCode) => void): Command {
  const program = new Command('feishu-connector')
    .description('Receives the events of Feishu and Lark apps over a long connection that cannot go silent unnoticed.')
    .version(readBuild().version, '-V, --version')
    .showHelpAfterError('(add --help for more)')
    .configureOutput({
      writeOut: (text) => face.stdout.write(text),
      writeErr: (text) => face.stderr.write(text),
      getOutHasColors: () => hasColour(face),
      getErrHasColors: () => hasColour(face),
    })
    .addHelpText('after', `\n${EXIT_HELP}`)
    .exitOverride();
  // `command()` copies these settings to every subcommand.
  for (const register of COMMANDS) register(program, face, end);
  return program;
}

/** One JSON line, as the log has them, without secrets. */
export function faultLine({ kind, error }: Fault): string {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return redact(
    JSON.stringify({
      level: 'fatal',
      time: new Date().toISOString(),
      event: kind,
      err: { type: name, message, stack },
      msg: '[feishu] a bug: the process ends, and whoever supervises it should start it again',
    }),
  );
}
