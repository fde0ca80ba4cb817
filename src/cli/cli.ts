import { Command, CommanderError } from 'commander';
import { readBuild } from '../observe/build.js';
import { redact } from '../ports/index.js';
import { CommandLineError } from './command-line-error.js';
import { COMMANDS } from './commands.js';
import { completionTree } from './completion/tree.js';
import { EXIT, EXIT_HELP, type ExitCode } from './exit-code.js';
import { type CliFace, type Fault, hasColour, writeLine } from './face.js';
import { registerHelp } from './help.js';
import { nodeProblem } from './node-version.js';
import { reportError } from './report-error.js';
import { commandAdvice, optionAdvice } from './slips.js';

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
    if (error instanceof CommandLineError) return reportError(face, error, face.argv.includes('--json'));
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
    if (error instanceof CommanderError) tellAdvice(error, program, face);
    throw error;
  }
}

const START_HELP = `Start here:
  feishu-connector demo                 nothing is needed: it breaks, and is seen to recover
  feishu-connector run --simulator      the daemon, with made-up events, as it would run for you
  FEISHU_APP_ID=cli_… FEISHU_APP_SECRET_FILE=./secret feishu-connector run
  feishu-connector doctor               beside it: do events reach the bot, and if not, why`;

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
    .addHelpText('after', `\n${START_HELP}\n\n${EXIT_HELP}`)
    .exitOverride()
    // Not for --help and --version, which run anywhere.
    .hook('preAction', () => {
      const problem = nodeProblem(face.nodeVersion);
      if (problem !== null) throw new CommandLineError(problem);
    });
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

/** Commander names what is near in spelling, of the command at hand alone. */
function tellAdvice({ code, message }: CommanderError, program: Command, face: CliFace): void {
  const [, word = ''] = /'([^'=]+)/.exec(message) ?? [];
  const hasAdvice = message.includes('Did you mean');
  let advice: string | null = null;
  // `start` is near to status, and meant as run: what other programs call it is told besides.
  if (code === 'commander.unknownCommand') advice = commandAdvice(word, completionTree(program));
  if (code === 'commander.unknownOption' && !hasAdvice) advice = optionAdvice(word, face.argv, completionTree(program));
  if (advice !== null) writeLine(face.stderr, advice);
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
