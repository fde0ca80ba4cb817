import { isLoopback } from '../daemon/listen-address.js';
import { redact } from '../ports/index.js';
import { CommandLineError } from './command-line-error.js';
import { configurationOf, daemonUrlOf, seconds, surfaceUrl } from './daemon-address.js';
import { EXIT } from './exit-code.js';
import { hasColour, writeLine } from './face.js';
import { reportError } from './report-error.js';
const DEFAULT_TIMEOUT_S = 9; // people wait ten seconds, and so do most supervisors
const HELP = `
It asks the daemon that runs here, and judges what it says by the age of the evidence. Only where none listens, or the
daemon does not run the app, it goes the way of a connection itself: token, discovery, handshake, first pong. Such a
connection joins the platform's rotation for a few seconds; it acknowledges no event, so none is lost. The way to the
platform, the console's settings, the journal and the metrics are looked at either way. docs/doctor.md has every check.

With --url alone no configuration is needed, and nobody listening there is a failure: so let cron and probes ask it. That
asks the daemon alone. With a configuration it makes up to five calls of the API per app, which count against the monthly
quota; --no-api spares them.

--json is one line with one object:
  schemaVersion  1; counts up when a field goes or changes its meaning
  at             ISO time
  isHealthy      whether no check failed; warnings are allowed
  verdict        for people, in one line
  daemon         {url, version, phase} of the daemon that answered, or null
  apps           [{app, appId, source: daemon|probe|none, isDeaf, deafSince}]; isDeaf is null where nobody can tell
  counts         {ok, warn, fail, skip}
  checks         [{app, name, result: ok|warn|fail|skip, evidence, advice, ageMs, tookMs}]; app is null where it is of none
  notices        what the looking itself did

Exit codes:
  0  healthy; warnings are allowed
  1  deaf or failing
  2  wrong command line or configuration; nothing was asked`;
/** `feishu-connector doctor`: whether events can reach the bot now, and if not, since when, why and what to do. */
export function registerDoctor(program, face, end) {
    program
        .command('doctor')
        .description('Tells whether events reach the bot now, by evidence and its age; if not, why, and what to do.')
        .option('-c, --config <file>', 'the configuration of the daemon, as for run; the environment counts too')
        .option('--url <url>', "base URL of the daemon's HTTP surface (default: its listen address)", surfaceUrl)
        .option('--app <name>', 'this app alone, by its name or id')
        .option('--timeout <seconds>', 'for everything together', seconds, DEFAULT_TIMEOUT_S)
        .option('--no-api', 'make no call of the API: no counts, scopes and subscription')
        .option('--prometheus <url>', 'base URL of the Prometheus that watches over it: are its targets up, its rules loaded?', surfaceUrl)
        .option('--job <name>', 'label job of the scrape there (default: feishu-connector)')
        .option('--json', 'one JSON line')
        .addHelpText('after', HELP)
        .action(async (options) => end(await doctor(options, face)));
}
/** @param openWayOut Default: the network, by the rules of the app's configuration. */
export async function doctor(options, face, openWayOut) {
    const { url, app = null, timeout, json: isJson = false } = options;
    // Loaded only here: no other command needs it all.
    const [{ createNetwork }, { examine, UnknownAppError }, { probedApp, wayOutOf }, { watcherOf }, { diagnosisLines }] = await Promise.all([
        import('../adapters/index.js'),
        import('../doctor/index.js'),
        import('./doctor/probed-app.js'),
        import('./doctor/watcher.js'),
        import('./doctor/lines.js'),
    ]);
    // A listen address is this machine's; one that was named may well be behind a proxy.
    const wayToDaemon = createNetwork(url === undefined ? { proxy: 'none' } : {});
    const wayToPrometheus = createNetwork();
    try {
        const config = await configurationOf(options, face);
        if (!isJson)
            for (const warning of config?.warnings ?? [])
                writeLine(face.stderr, warning);
        const daemonUrl = url ?? (config === null ? null : daemonUrlOf(config));
        const examination = {
            apps: config?.apps.map((each) => probedApp(each, openWayOut ?? wayOutOf)) ?? [],
            only: app,
            daemonUrl,
            isDaemonExpected: url !== undefined,
            // The daemon takes that word only where it listens on loopback alone, wherever we ask it from.
            isReconnectable: isLoopback(url === undefined ? (config?.listen.host ?? '') : hostOf(url)),
            mayCall: options.api !== false,
            watcher: await watcherOf(options, wayToPrometheus.http),
            timeoutMs: timeout * 1_000,
            clock: face.clock,
            http: wayToDaemon.http,
            ...(!isJson && { onNotice: (notice) => writeLine(face.stderr, notice) }),
        };
        const diagnosis = await examine(examination).catch((error) => {
            throw error instanceof UnknownAppError ? new CommandLineError(`--app: ${error.message}`) : error;
        });
        const told = isJson
            ? JSON.stringify(diagnosis)
            : diagnosisLines(diagnosis, isTerminal(face.stdout) && hasColour(face));
        // A second line of defence: what daemons and platforms say is not ours.
        writeLine(face.stdout, redact(told));
        return diagnosis.isHealthy ? EXIT.ok : EXIT.failure;
    }
    catch (error) {
        return reportError(face, error, isJson);
    }
    finally {
        await Promise.all([wayToDaemon.close(), wayToPrometheus.close()]);
    }
}
/** Colours in a file are noise. */
function isTerminal(stream) {
    return 'isTTY' in stream && stream.isTTY === true;
}
function hostOf(url) {
    return new URL(url).hostname.replace(/^\[|\]$/g, '');
}
