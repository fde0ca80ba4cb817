import { Command, CommanderError } from 'commander';
import { readBuild } from '../observe/build.js';
import { redact } from '../ports/index.js';
import { COMMANDS } from './commands.js';
import { completionTree } from './completion/tree.js';
import { EXIT, EXIT_HELP, type ExitCode } from './exit-code.js';
import { type CliFace, type Fault, hasColour, writeLine } from './face.js';
import { registerHelp } from './help.js';
import { ownersOf } from './option-owners.js';

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
    await parse(program, face);
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

async function parse(program: Command, face: CliFace): Promise<void> {
  try {
    await program.parseAsync([...face.argv], { from: 'user' });
  } catch (error) {
    const isUnknown = error instanceof CommanderError && error.code === 'commander.unknownOption';
    if (isUnknown) tellOwners(error.message, program, face);
    throw error;
  }
}

/** All commands, over the face that they work on; `end` is told the exit code. */
export function createProgram(face: CliFace, end: (code: ExitCode) => void): Command {
  const program = new Command('feishu-connector')
    .description('Receives the events of Feishu and Lark apps over a long connection that cannot go silent unnoticed.')
    .version(versionText(face), '-V, --version', 'print the version; with --json those of the SDK and Node.js too')
    .helpCommand(false) // ours, see registerHelp
    .showHelpAfterError('(add --help for more)')
    .configureOutput({
      writeOut: (text) => face.stdout.write(text),
      // It repeats what was typed, and a secret may be part of that: under a supervisor this goes to a log.
      writeErr: (text) => face.stderr.write(redact(withoutUserInfo(text))),
      getOutHasColors: () => hasColour(face),
      getErrHasColors: () => hasColour(face),
    })
    .addHelpText('after', `\n${EXIT_HELP}`)
    .exitOverride();
  // `command()` copies these settings to every subcommand.
  for (const register of COMMANDS) register(program, face, end);
  registerHelp(program);
  return program;
}

/** A token may stand in a URL as its user, without a password: to nothing else does that look like a secret. */
function withoutUserInfo(text: string): string {
  return text.replace(/(:\/\/)[^\s/'"]*@/g, '$1[redacted]@');
}

/** Commander prints it the moment it meets --version, whatever else stands there. */
function versionText({ argv }: CliFace): string {
  const build = readBuild();
  return argv.includes('--json') ? JSON.stringify({ name: 'feishu-connector', ...build }) : build.version;
}

/** An option in the wrong place is the likeliest slip after a misspelt one: `feishu-connector --config file`. */
function tellOwners(message: string, program: Command, face: CliFace): void {
  const [, flag = ''] = /'(--[^'=]+)/.exec(message) ?? [];
  const owners = ownersOf(flag, completionTree(program));
  if (owners.length > 0) writeLine(face.stderr, `(${flag} belongs to: ${owners.join(', ')})`);
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
