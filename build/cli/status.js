import { redact } from '../ports/index.js';
import { CommandLineError } from './command-line-error.js';
import { configurationOf, daemonUrlOf, seconds, surfaceUrl } from './daemon-address.js';
import { EXIT } from './exit-code.js';
import { hasColour, writeLine } from './face.js';
import { listenForInterruption } from './interruption.js';
import { reportError } from './report-error.js';
const DEFAULT_TIMEOUT_S = 5; // a daemon answers in milliseconds
const WATCH_EVERY_MS = 2_000;
const WATCH_AT_MOST_MS = 30_000;
const HELP = `
It asks the daemon, and nobody else: where none answers, doctor finds out why. What it claims is shown by the age of its
evidence. The same and more, with its past, is on the status page at the address of the daemon.

--watch asks every 2 s, less often where nobody answers, until SIGINT. On a terminal the picture is drawn anew; elsewhere,
and with --json, there is a line per change.

--json is one line with one object:
  at           milliseconds since the epoch
  url          whom it asked
  isConnected  whether there are apps, and every one of them is connected
  daemon       {version, phase, uptimeMs}, or null
  problem      {is: absent|mute|foreign|unreachable, detail} without an answer, or null
  apps         [{app, appId, alive, connected, receiving, status, error}]: each fact {is, evidence, ageMs}, judged by its
               age; status as /status has it; it is null, and error says why, where the daemon cannot tell

Exit codes:
  0         every app is connected
  1         one is not, or no daemon answers
  2         wrong command line or configuration
  130, 143  SIGINT, SIGTERM while watching`;
/** `feishu-connector status`: what the daemon knows of itself: the three facts per app, and what belongs to them. */
export function registerStatus(program, face, end) {
    program
        .command('status')
        .description('Tells what the daemon knows of itself: per app whether it is alive, connected and receiving.')
        .option('-c, --config <file>', 'the configuration of the daemon, as for run; the environment counts too')
        .option('--url <url>', "base URL of the daemon's HTTP surface (default: its listen address)", surfaceUrl)
        .option('--app <name>', 'this app alone, by its name or id')
        .option('--timeout <seconds>', 'for an answer', seconds, DEFAULT_TIMEOUT_S)
        .option('-w, --watch', 'go on, and tell what changes')
        .option('--json', 'one JSON line; with --watch one per change')
        .addHelpText('after', HELP)
        .action(async (options) => end(await status(options, face)));
}
async function status(options, face) {
    const { app = null, timeout, watch: isWatching = false, json: isJson = false } = options;
    const { createNetwork } = await import('../adapters/index.js');
    // A listen address is this machine's; one that was named may well be behind a proxy.
    const network = createNetwork(options.url === undefined ? { proxy: 'none' } : {});
    try {
        const url = await urlOf(options, face);
        // Loaded only here: no other command needs it.
        const [{ askDaemon }, { readingOf }, { standingsOf, statusLines }] = await Promise.all([
            import('../doctor/index.js'),
            import('./status/reading.js'),
            import('./status/lines.js'),
        ]);
        const ask = async () => {
            const answer = await askDaemon(network.http, face.clock, url, timeout * 1_000);
            return readingOf(answer, app, face.clock.wallNow());
        };
        const isScreen = isTerminal(face.stdout);
        const picture = (reading) => safe(statusLines(reading, isScreen && hasColour(face)));
        const first = await ask();
        if (app !== null && first.daemon !== null && first.apps.length === 0)
            throw new CommandLineError(`--app: the daemon at ${url} runs no app ${app}`);
        if (!isWatching) {
            writeLine(face.stdout, isJson ? safe(JSON.stringify(first)) : picture(first));
            return first.isConnected ? EXIT.ok : EXIT.failure;
        }
        const tell = isJson || !isScreen ? changesTo(face.stdout, standingsOf, isJson) : pictureOn(face.stdout, picture);
        return await watch(first, ask, tell, face);
    }
    catch (error) {
        return reportError(face, error, isJson);
    }
    finally {
        await network.close();
    }
}
async function urlOf({ config, url }, face) {
    if (url !== undefined)
        return url;
    const loaded = await configurationOf(config === undefined ? {} : { config }, face);
    const listening = loaded && daemonUrlOf(loaded);
    if (listening === null)
        throw new CommandLineError('with port 0 only the daemon itself knows its address: name it with --url');
    return listening;
}
/** Asks again and again until a signal comes. */
async function watch(first, ask, tell, face) {
    const interruption = listenForInterruption(face, () => { });
    try {
        let failures = 0;
        let reading = first;
        while (typeof reading === 'object') {
            tell(reading);
            failures = reading.problem === null ? 0 : failures + 1;
            const pauseMs = Math.min(WATCH_AT_MOST_MS, WATCH_EVERY_MS * 2 ** Math.max(0, failures - 1));
            const ended = await pause(face.clock, pauseMs, interruption.asked);
            // An answer that is under way when the signal comes is not waited for.
            reading = ended ?? (await Promise.race([ask(), interruption.asked]));
        }
        return reading;
    }
    finally {
        interruption.dispose();
    }
}
/** @returns The exit code, if that was asked for meanwhile. */
async function pause(clock, ms, asked) {
    let end = () => { };
    const over = new Promise((resolve) => {
        const timer = clock.timer(ms, () => resolve(null));
        end = () => timer.cancel();
    });
    try {
        return await Promise.race([over, asked]);
    }
    finally {
        end();
    }
}
/** Draws over what was there, line by line: a cleared screen would flicker. */
function pictureOn(stdout, picture) {
    let isFirst = true;
    return (reading) => {
        const lines = picture(reading).replaceAll('\n', '\u001b[K\n');
        stdout.write(`${isFirst ? '\u001b[2J' : ''}\u001b[H${lines}\u001b[K\n\u001b[J`);
        isFirst = false;
    };
}
/** Writes what differs from before: a line of its own for each app, or the whole reading as JSON. */
function changesTo(stdout, standingsOf, isJson) {
    let before = new Map();
    return (reading) => {
        const standings = standingsOf(reading);
        const changed = [...standings].filter(([name, standing]) => before.get(name) !== standing);
        const gone = reading.problem === null ? [...before.keys()].filter((name) => !standings.has(name)) : [];
        before = standings;
        if (changed.length + gone.length === 0)
            return;
        if (isJson) {
            writeLine(stdout, safe(JSON.stringify(reading)));
            return;
        }
        const at = new Date(reading.at).toISOString();
        for (const [name, standing] of changed)
            writeLine(stdout, safe(`${at} ${name === '' ? '' : `${name}: `}${standing}`));
        for (const name of gone)
            writeLine(stdout, safe(`${at} ${name}: it runs no more`));
    };
}
/** A second line of defence: what daemons say is not ours. */
function safe(text) {
    return redact(text);
}
function isTerminal(stream) {
    return 'isTTY' in stream && stream.isTTY === true;
}
