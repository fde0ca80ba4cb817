import { type Command, InvalidArgumentError } from 'commander';
import { type DemoFigures, figuresTable } from './demo/figures.js';
import { Narrator, readableLog } from './demo/narrator.js';
import type { Stage } from './demo/stage.js';
import type { Watch } from './demo/watch.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { type CliFace, hasColour, writeLine } from './face.js';
import { type Interruption, listenForInterruption } from './interruption.js';
import { reportError } from './report-error.js';
import { controlLines } from './simulator.js';

interface DemoOptions {
  readonly keep?: true;
  readonly json?: true;
  readonly withPrometheus?: true;
  readonly seed: number;
}

const HELP = `
Exit codes:
  0         nothing was lost and nothing was handled twice
  1         something was
  2         wrong command line, or --with-prometheus and they are not installed
  130, 143  SIGINT, SIGTERM`;

/** `feishu-connector demo`: the outage that this project began with, lived through in less than a minute, without an account. */
export function registerDemo(program: Command, face: CliFace, end: (code: ExitCode) => void): void {
  program
    .command('demo')
    .description(
      'Breaks a simulated platform in two ways, and shows how the connector lives through it. No account needed.',
    )
    .option(
      '--keep',
      'go on running afterwards, with URLs to look at, and buttons on the status page that break things',
    )
    .option('--json', 'the figures as one JSON line on standard output; the story goes to standard error')
    .option(
      '--with-prometheus',
      'watch it with a real Prometheus and Alertmanager, which must be installed, and be paged',
    )
    .option('--seed <seed>', 'seeds the simulator', wholeNumber, 1)
    .addHelpText('after', HELP)
    .action(async (options: DemoOptions) => end(await demo(options, face)));
}

/** Exit code 0 only if nothing was lost and nothing was handled twice. */
export async function demo(options: DemoOptions, face: CliFace): Promise<ExitCode> {
  const isJson = options.json ?? false;
  const out = isJson ? face.stderr : face.stdout;
  const narrator = new Narrator(face.clock, out, hasColour(face));
  const abort = new AbortController();
  const interruption = listenForInterruption(face, () => abort.abort(new Error('interrupted')));
  const around: { stage: Stage | null; watch: Watch | null } = { stage: null, watch: null };
  let isTold = false;
  const isWatched = options.withPrometheus ?? false;
  const path = face.env.PATH ?? '';
  try {
    const watching = isWatched ? await import('./demo/watch.js') : null;
    // Before anything is started.
    watching?.findPrograms(path);
    const { openStage } = await import('./demo/stage.js');
    around.stage = await openStage({
      clock: face.clock,
      seed: options.seed,
      messageEveryMs: 200,
      isLong: isWatched,
      hasPanel: options.keep ?? false,
      beforeStart: async (surfaceUrl) => {
        if (watching === null) return;
        narrator.plain('Prometheus and Alertmanager start; their first alert takes a few seconds …');
        around.watch = await watching.openWatch(surfaceUrl, path, narrator);
      },
      onLogLine: (line) => {
        const told = isTold ? null : readableLog(line);
        if (told !== null) narrator.say('log', told);
      },
    });
    const { stage, watch } = around;
    tellPlaces(narrator, stage, watch);
    const { playStory } = await import('./demo/story.js');
    const figures = await playStory(stage, narrator, face.clock, abort.signal, watch);
    isTold = true;
    tellFigures(figures, narrator, face, isJson);
    if (options.keep) await keep(narrator, stage, watch, interruption);
    return figures.isClean ? EXIT.ok : EXIT.failure;
  } catch (error) {
    if (abort.signal.aborted) return await interruption.asked;
    return reportError(face, error, isJson);
  } finally {
    interruption.dispose();
    await around.watch?.close();
    await around.stage?.close();
  }
}

function tellPlaces(narrator: Narrator, { simulatorUrl, surface }: Stage, watch: Watch | null): void {
  narrator.plain(
    'feishu-connector demo: a simulated Feishu platform and a connector, in one process, over real sockets.',
  );
  narrator.plain(`  platform   ${simulatorUrl}`);
  narrator.plain(`  connector  ${surface.url}  (/ /readyz /status /metrics)`);
  if (watch === null) return;
  tellWatch(narrator, watch);
  narrator.plain('  The rules are those that ship, with a second for a minute.');
}

function tellWatch(narrator: Narrator, { graphUrl, alertsUrl, alertmanagerUrl }: Watch): void {
  narrator.plain(`  graph      ${graphUrl}`);
  narrator.plain(`  alerts     ${alertsUrl}`);
  narrator.plain(`  on call    ${alertmanagerUrl}  (Debian's has no pages: /api/v2/alerts)`);
}

function tellFigures(figures: DemoFigures, narrator: Narrator, face: CliFace, isJson: boolean): void {
  narrator.plain('');
  narrator.plain(figuresTable(figures));
  const { lost, handledTwice } = figures.events;
  narrator.plain('');
  narrator.plain(
    figures.isClean
      ? '  Nothing was lost, and nothing was handled twice.'
      : `  ${lost} lost, ${handledTwice} handled twice: that is a bug, please report it.`,
  );
  if (isJson) writeLine(face.stdout, JSON.stringify(figures));
}

async function keep(narrator: Narrator, stage: Stage, watch: Watch | null, interruption: Interruption): Promise<void> {
  narrator.chapter('It keeps running: look, and break things by hand (Ctrl-C ends it)');
  stage.goOn();
  if (watch !== null) tellWatch(narrator, watch);
  narrator.plain(`  status page, with buttons that break the platform: ${stage.surface.url}/`);
  for (const path of ['/readyz', '/status', '/metrics']) narrator.plain(`  curl -s ${stage.surface.url}${path}`);
  for (const { says, line } of controlLines(stage.simulatorUrl)) {
    narrator.plain(`  # ${says}`);
    narrator.plain(`  ${line}`);
  }
  narrator.plain('');
  await interruption.asked;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d{1,10}$/.test(text) && value <= 4_294_967_295) return value;
  throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.');
}
