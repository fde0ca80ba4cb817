import { type Command, InvalidArgumentError, Option } from 'commander';
import { MOST_CONNECTIONS } from '../connector-limits.js';
import type { PlatformNotice } from '../simulator/index.js';
import { CommandLineError } from './command-line-error.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { type CliFace, writeLine } from './face.js';
import { listenForInterruption } from './interruption.js';
import { reportError } from './report-error.js';
import { simulateDays } from './simulation.js';
import { controlLines, type RunningSimulator, SimulatorSettingError, startSimulator } from './simulator.js';

interface SimulateOptions {
  readonly port: number;
  readonly seed?: number;
  readonly scenario?: string;
  readonly eventsPerSecond?: number;
  readonly days?: number;
  readonly weather?: string;
  readonly connections?: number;
  readonly json?: true;
}

const HELP = `
It says how to connect to it, and by which lines it is told to break. Only this machine reaches it.

Examples:
  feishu-connector simulate --scenario rude-gateway
  feishu-connector simulate --days 7 --weather stormy --seed 3

Exit codes:
  0         with --days: what must hold did
  1         the port is taken; with --days: something did not hold
  2         wrong command line
  130, 143  SIGINT, SIGTERM`;

/**
 * `feishu-connector simulate`: the platform's simulator alone, for clients in other processes and other languages. With
 * `--days` the connector in it too, in virtual time.
 */
export function registerSimulate(program: Command, face: CliFace, end: (code: ExitCode) => void): void {
  program
    .command('simulate')
    .description(
      'Runs a local simulator of the platform that every official SDK can connect to, and that breaks on demand.',
    )
    .option('--port <port>', 'port on 127.0.0.1; 0 for any free one', wholeNumber(65_535), 7777)
    .option('--seed <seed>', 'seeds every choice; the same seed tells the same story', wholeNumber(4_294_967_295))
    .option('--scenario <name>', 'a story to play from the start; an unknown name lists them')
    .option('--events-per-second <rate>', 'messages to the bot, on average (default: 1)', positiveNumber)
    .addOption(
      new Option('--days <days>', 'opens no port: takes the whole connector through so many days of virtual time')
        .argParser(dayCount)
        .conflicts(['scenario', 'eventsPerSecond']),
    )
    .option('--weather <name>', 'with --days, what befalls it: mixed (default), stormy or healthy')
    .option(
      '--connections <count>',
      'with --days, how many it keeps at once (default: 1)',
      wholeNumber(MOST_CONNECTIONS),
    )
    .option('--json', 'one JSON line on standard output, messages as JSON lines')
    .addHelpText('after', HELP)
    .action(async ({ days, ...options }: SimulateOptions) => {
      end(days === undefined ? await simulate(options, face) : await simulateDays({ ...options, days }, face));
    });
}

/** Runs until a signal ends it. */
export async function simulate(options: SimulateOptions, face: CliFace): Promise<ExitCode> {
  const { json: isJson = false, port, seed, scenario, eventsPerSecond } = options;
  for (const name of ['weather', 'connections'] as const) {
    if (options[name] === undefined) continue;
    return reportError(face, new CommandLineError(`--${name} is for --days, which says for how long`), isJson);
  }
  const interruption = listenForInterruption(face, () => {});
  let simulator: RunningSimulator | null = null;
  try {
    simulator = await startSimulator({
      clock: face.clock,
      port,
      ...(seed !== undefined && { seed }),
      ...(scenario !== undefined && { scenario }),
      ...(eventsPerSecond !== undefined && { eventsPerSecond }),
      onNotice: (notice) => writeLine(face.stderr, isJson ? JSON.stringify(notice) : noticeLine(notice)),
    });
    writeLine(face.stdout, isJson ? jsonLine(simulator) : introduction(simulator));
    return await interruption.asked;
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    const told = isTaken ? new Error(`port ${port} is taken; choose another with --port, or --port 0 for any`) : error;
    const code = reportError(face, told, isJson);
    return error instanceof SimulatorSettingError ? EXIT.usage : code;
  } finally {
    interruption.dispose();
    await simulator?.stop();
  }
}

function introduction({ url, appId, appSecret, seed }: RunningSimulator): string {
  const lines = controlLines(url).flatMap(({ says, line }) => [`  # ${says}`, `  ${line}`]);
  return [
    `A simulated Feishu platform, seed ${seed}. Nothing of it is real.`,
    `  URL         ${url}`,
    `  app id      ${appId}`,
    `  app secret  ${appSecret}`,
    '',
    'Connect to it:',
    `  FEISHU_DOMAIN=${url} FEISHU_APP_ID=${appId} FEISHU_APP_SECRET=${appSecret} feishu-connector run`,
    '',
    'Talk to it and break it:',
    ...lines,
  ].join('\n');
}

function jsonLine({ url, appId, appSecret, seed }: RunningSimulator): string {
  // The secret protects nothing: it opens this simulator alone.
  return JSON.stringify({ url, appId, appSecret, seed, controlUrl: `${url}/_simulator/` });
}

function noticeLine({ type, id, description }: PlatformNotice): string {
  return `${type === 'fault_started' ? 'fault' : 'over '} ${id}: ${description}`;
}

function wholeNumber(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,10}$/.test(text) && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${max}.`);
  };
}

function dayCount(text: string): number {
  const days = Number(text);
  if (text.trim() !== '' && days > 0 && days <= 100_000) return days;
  throw new InvalidArgumentError('It must be a number above 0, at most 100000.');
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 10_000) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 10000.');
}
