import { isDeepStrictEqual } from 'node:util';
import { systemClock } from '../adapters/index.js';
import { openJournalStore, resolveJournalOptions } from '../connector-journal.js';
import { resolveOptions } from '../connector-options.js';
import { probePlatform } from '../connector-probe.js';
import { createHandlerSink, createSink } from '../connector-sinks.js';
import { collectProcessMetrics, createRegistry, readBuild, redact, scrape, telemetryErrorsOf, } from '../observe/index.js';
import { createStdoutSink, loadNats } from '../sinks/index.js';
import { loadHandlerModule } from './handler-module.js';
import { openHttpSurface } from './http-surface.js';
import { LateStarts } from './late-starts.js';
import { formatListenAddress } from './listen-address.js';
import { OutageWatch } from './outage-watch.js';
import { Recording } from './page/index.js';
import { RUNBOOK_BASE_URL } from './runbook-url.js';
import { startTelemetry } from './telemetry.js';
/**
 * Starts the daemon. It resolves when all apps are started that can be, and never waits for the platform. An app that
 * cannot, because its journal is in use say, is tried again while the others run.
 * @throws HandlerModuleError, ListenError or ConnectorError, the last only if no app could start; nothing is left running then.
 */
export async function startDaemon(config, parts) {
    const daemon = new RunningDaemon(config, parts);
    await daemon.start(config);
    return daemon;
}
class RunningDaemon {
    ended;
    #parts;
    #view;
    #registry;
    #sink;
    #apps = new Map();
    #outageWatch;
    #lateStarts;
    #phase = 'starting';
    #surface = null;
    #telemetry = null;
    #config = null;
    #stdoutGone = null;
    /** Starts, reloads and stops wait for each other. */
    #turn = Promise.resolve();
    #stopping = null;
    constructor({ openMetrics }, parts) {
        this.#parts = parts;
        this.#registry = createRegistry(openMetrics);
        const { logger, clock = systemClock } = parts;
        let end = () => { };
        this.ended = new Promise((resolve) => {
            end = resolve;
        });
        this.#sink = createStdoutSink(parts.stdout, (reason) => {
            this.#stdoutGone = reason;
            // With handler modules alone nobody misses it.
            if (this.#config?.apps.some(({ handler }) => handler === 'stdout'))
                end({ why: 'output_gone', reason });
        });
        this.#outageWatch = new OutageWatch(clock, () => [...this.#apps.values()].map((running) => this.#watchedOf(running)), (reason) => end({ why: 'outage', reason }));
        this.#lateStarts = new LateStarts(clock, () => this.#inTurn(() => this.#startLate()));
        this.#view = {
            apps: () => [...this.#apps.values()].map(viewOf),
            phase: () => this.#phase,
            scrape: (signal) => scrape(this.#registry, { signal }),
            version: readBuild().version,
            startedAt: clock.wallNow(),
            runbookUrl: () => this.#config?.runbookUrl ?? RUNBOOK_BASE_URL,
            clock,
            logger,
        };
    }
    get url() {
        return this.#surface?.url ?? '';
    }
    get apps() {
        return [...this.#apps.keys()];
    }
    async start(config) {
        try {
            const prepared = await this.#prepare(config);
            this.#surface = await openHttpSurface(config.listen, this.#view);
            collectProcessMetrics(this.#registry);
            this.#adopt(config);
            // Before the first span: what begins without an SDK stays without one.
            this.#telemetry = await this.#startTelemetry(config);
            await this.#startAll(prepared);
            this.#phase = 'running';
        }
        catch (error) {
            await this.stop({ drainMs: 0 });
            throw error;
        }
    }
    reload(config) {
        return this.#inTurn(async () => {
            if (this.#stopping)
                throw new Error('the daemon is stopping');
            return this.#reload(config);
        });
    }
    stop({ drainMs = this.#config?.drainMs ?? 0 } = {}) {
        this.#phase = 'stopping';
        this.#outageWatch.stop();
        this.#lateStarts.stop();
        this.#stopping ??= this.#inTurn(() => this.#stop(drainMs));
        return this.#stopping;
    }
    async #reload(config) {
        const prepared = await this.#prepare(config);
        await this.#moveSurface(config);
        this.#adopt(config);
        const wanted = new Map(prepared.map((app) => [app.config.app, app]));
        const summary = {
            started: [],
            stopped: [],
            restarted: [],
            unchanged: [],
            failed: [],
        };
        const restarting = new Set();
        for (const [name, running] of [...this.#apps]) {
            const next = wanted.get(name);
            if (next !== undefined && running.hasStarted && isSame(running, next)) {
                running.connector.reconnect();
                summary.unchanged.push(name);
            }
            else {
                await this.#removeApp(name, running, config.drainMs);
                if (next === undefined)
                    summary.stopped.push(name);
                else
                    restarting.add(name);
            }
        }
        for (const [name, app] of wanted) {
            // A stop that came meanwhile waits for us: start nothing that it would have to drain.
            if (this.#apps.has(name) || this.#stopping)
                continue;
            try {
                await this.#startApp(app);
                (restarting.has(name) ? summary.restarted : summary.started).push(name);
            }
            catch (error) {
                // The new configuration is in force by now, and one app's journal is no reason to leave the others stopped.
                this.#tellUnstarted(name, error);
                summary.failed.push(name);
            }
        }
        this.#awaitLateStarts();
        return summary;
    }
    /** Everything that can be wrong with a configuration goes wrong here, before anything that runs is touched. */
    async #prepare(config) {
        const prepared = [];
        for (const app of config.apps) {
            if (app.handler === 'stdout' && this.#stdoutGone)
                throw new Error(`${this.#stdoutGone}; name a handler for ${app.app}`);
            const { handler: _handler, sink: _settings, ...rest } = app;
            const { sink, version } = await this.#sinkOf(app);
            const options = { ...rest, sink, logger: this.#parts.logger, registry: this.#registry };
            resolveOptions(options);
            prepared.push({ config: app, handlersVersion: version, options });
        }
        return prepared;
    }
    /** A sink of the app's own, not started; the connector starts and stops it. */
    async #sinkOf(config) {
        const { handler = 'stdout', sink: settings, app, proxy, caFile } = config;
        const { clock = systemClock } = this.#parts;
        if (settings !== undefined) {
            // An optional package that is missing is found here, and not when the first event comes.
            if (settings.jetstream !== undefined)
                await loadNats();
            const network = { ...(proxy !== undefined && { proxy }), ...(caFile !== undefined && { caFile }) };
            return { sink: createSink(settings, { app, clock, ...network }), version: '' };
        }
        if (handler === 'stdout')
            return { sink: createHandlerSink('stdout', this.#sink.handlers, clock), version: '' };
        const { handlers, version } = await loadHandlerModule(handler);
        return { sink: createHandlerSink('handler', handlers, clock), version };
    }
    #startTelemetry({ tracing }) {
        const { logger, clock = systemClock } = this.#parts;
        return startTelemetry(tracing, { logger, clock, onError: telemetryErrorsOf(this.#registry) });
    }
    #adopt(config) {
        const before = this.#config;
        this.#config = config;
        this.#parts.logger.level = config.logLevel;
        this.#outageWatch.watch(config.exitAfterOutageMs ?? null);
        for (const warning of config.warnings)
            this.#parts.logger.warn(`[feishu] ${warning}`);
        for (const key of ['openMetrics', 'tracing']) {
            // Spans and metrics are registered for the life of the process; a metric that changes its format loses its name.
            if (before === null || isDeepStrictEqual(before[key], config[key]))
                continue;
            this.#parts.logger.warn({ key }, `[feishu] ${key} changed; that takes effect at the next start`);
        }
    }
    async #moveSurface(config) {
        const before = this.#config?.listen;
        if (before && formatListenAddress(before) === formatListenAddress(config.listen))
            return;
        const old = this.#surface;
        // The new port first: if it is taken, the old one still answers.
        this.#surface = await openHttpSurface(config.listen, this.#view);
        await old?.close();
        this.#parts.logger.info({ url: this.#surface.url }, '[feishu] the HTTP surface moved');
    }
    /**
     * One app's journal is no reason to leave the others unstarted. Where none starts there is no daemon, and whoever
     * started it is told why at once.
     */
    async #startAll(prepared) {
        const failures = [];
        for (const app of prepared) {
            const name = app.config.app;
            try {
                await this.#startApp(app);
            }
            catch (error) {
                // Without a connector there is nothing that could be tried again.
                if (!this.#apps.has(name))
                    throw error;
                failures.push({ name, error });
            }
        }
        if (failures.length > 0 && failures.length === prepared.length)
            throw failures[0]?.error;
        for (const { name, error } of failures)
            this.#tellUnstarted(name, error);
        this.#awaitLateStarts();
    }
    #tellUnstarted(name, error) {
        this.#parts.logger.error({ app: name, err: error }, '[feishu] an app did not start; the others run, and it is tried again');
    }
    #awaitLateStarts() {
        if ([...this.#apps.values()].every(({ hasStarted }) => hasStarted))
            this.#lateStarts.stop();
        else
            this.#lateStarts.begin();
    }
    /** @returns Whether all run now. */
    async #startLate() {
        if (this.#stopping)
            return true;
        for (const [name, app] of this.#apps) {
            if (app.hasStarted)
                continue;
            try {
                await app.connector.start();
                app.hasStarted = true;
                this.#parts.logger.info({ app: name }, '[feishu] an app started after all');
            }
            catch (error) {
                this.#tellUnstarted(name, error);
            }
        }
        return [...this.#apps.values()].every(({ hasStarted }) => hasStarted);
    }
    /** One that cannot start stays in view: not connected, not ready, and tried again. */
    async #startApp(prepared) {
        const { config, options } = prepared;
        const recording = this.#newRecording(config);
        const connector = this.#parts.createConnector({ ...options, ...this.#seamsOf(config, recording) });
        // From the first report on.
        recording.follow(connector);
        const app = { ...prepared, history: recording.history, connector, hasStarted: false };
        this.#apps.set(config.app, app);
        await connector.start();
        app.hasStarted = true;
    }
    #newRecording({ app }) {
        const { logger, clock = systemClock } = this.#parts;
        return new Recording(clock, (err) => logger.warn({ app, err }, '[feishu] the past that the status page shows could not be kept; events are not concerned'));
    }
    /** Where there is a journal, what the status page shows of the past is kept beside it. */
    #seamsOf({ journal }, recording) {
        if (journal === undefined)
            return {};
        return { seams: { store: recording.keptIn(() => openJournalStore(resolveJournalOptions(journal))) } };
    }
    async #removeApp(name, { connector }, drainMs) {
        try {
            await connector.dispose({ drainMs });
        }
        catch (error) {
            this.#parts.logger.error({ app: name, err: error }, '[feishu] an app did not stop cleanly');
        }
        finally {
            this.#apps.delete(name);
        }
    }
    async #stop(drainMs) {
        const stops = [...this.#apps].map(async ([name, { connector }]) => {
            try {
                // Its series stay until the process ends: a last scrape must not read as an app that never was.
                await connector.stop({ drainMs });
            }
            catch (error) {
                // One that cannot stop must not keep the others from stopping.
                this.#parts.logger.error({ app: name, err: error }, '[feishu] an app did not stop cleanly');
            }
        });
        await Promise.all(stops);
        this.#sink.close();
        // After the last ack and the close of each socket, which end spans of their own.
        await this.#telemetry?.stop();
        const surface = this.#surface;
        this.#surface = null;
        await surface?.close();
        this.#apps.clear();
    }
    #watchedOf({ config, connector }) {
        const { probe = probePlatform } = this.#parts;
        return {
            app: config.app,
            status: () => connector.status(),
            reconnect: () => void connector.reconnect(),
            probe: (signal) => probe(config, signal),
        };
    }
    #inTurn(task) {
        const result = this.#turn.then(task);
        this.#turn = result.catch((error) => {
            this.#parts.logger.debug({ reason: redact(String(error)) }, '[feishu] a turn failed; its caller was told');
        });
        return result;
    }
}
function viewOf({ connector, config, history }) {
    return {
        app: connector.app,
        appId: connector.appId,
        status: () => connector.status(),
        reconnect: () => connector.reconnect(),
        history,
        deadLetters: config.journal === undefined ? null : () => connector.deadLetters,
    };
}
function isSame(running, next) {
    return running.handlersVersion === next.handlersVersion && isDeepStrictEqual(running.config, next.config);
}
