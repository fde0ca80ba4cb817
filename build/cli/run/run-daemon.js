import { FLUSH_DEADLINE_MS, loadConfig, startDaemon, } from '../../daemon/index.js';
import { createLogger, readBuild } from '../../observe/index.js';
import { EXIT } from '../exit-code.js';
import { writeLine } from '../face.js';
import { listenForInterruption } from '../interruption.js';
import { reportError } from '../report-error.js';
import { startSimulator } from '../simulator.js';
/** Beyond the drain: the close handshake's 2 s, the flush of spans, and one for everything else. Then the process ends regardless. */
export const STOP_MARGIN_MS = 3_000 + FLUSH_DEADLINE_MS;
/** Events go to standard output, and nothing else does; logs and messages go to standard error. */
export async function runDaemon(options, face) {
    const isJson = options.json === true;
    const logger = createLogger({ destination: face.stderr });
    const interruption = listenForInterruption(face, (signal) => {
        logger.info({ signal }, `[feishu] ${signal}: draining; a second signal ends it at once`);
    });
    let simulator = null;
    try {
        if (options.simulator)
            simulator = await startSimulator({ clock: face.clock });
        const load = () => loadConfig({ file: options.config, env: face.env, cwd: face.cwd, overrides: overridesOf(options, simulator) });
        const config = await load();
        const createConnector = face.createConnector ?? (await import('../../connector.js')).createConnector;
        const daemon = await startDaemon(config, { ...face, createConnector, logger });
        announce(daemon, config, simulator, { face, logger, isJson });
        return await untilStopped(daemon, config, load, { face, logger, interruption });
    }
    catch (error) {
        return reportError(face, error, isJson);
    }
    finally {
        interruption.dispose();
        await simulator?.stop();
    }
}
async function untilStopped(daemon, config, load, running) {
    const { face, logger, interruption } = running;
    let { drainMs } = config;
    const endReloads = face.onSignal('SIGHUP', () => {
        reload(daemon, load, logger).then((next) => {
            drainMs = next?.drainMs ?? drainMs;
        });
    });
    const code = await Promise.race([interruption.asked, daemon.ended.then((ending) => tellEnding(ending, logger))]);
    endReloads();
    const overdue = face.clock.timer(drainMs + STOP_MARGIN_MS, () => {
        logger.fatal({ drainMs }, '[feishu] not stopped within the budget: the process ends regardless');
        face.exitNow(code);
    });
    await daemon.stop({ drainMs });
    overdue.cancel();
    logger.info('[feishu] stopped');
    return code;
}
/** Says why the daemon stops by itself, and what to do about it. */
function tellEnding({ why, reason }, logger) {
    if (why === 'output_gone') {
        logger.fatal({ reason }, `[feishu] ${reason}: nobody gets the events, so the daemon stops`);
        return EXIT.failure;
    }
    const code = EXIT.restartNeeded;
    logger.fatal({ reason, code }, `[feishu] ${reason}, so the daemon drains and ends with ${code}: have it restarted`);
    return code;
}
/** @returns The configuration now in force, or null if the old one stays. */
async function reload(daemon, load, logger) {
    try {
        const config = await load();
        const summary = await daemon.reload(config);
        logger.info({ ...summary }, '[feishu] configuration reloaded');
        return config;
    }
    catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        logger.error({ reason }, '[feishu] the new configuration is not used; the old one stays in force');
        return null;
    }
}
function overridesOf(options, simulator) {
    const layer = new Map();
    if (options.listen !== undefined)
        layer.set('listen', { value: options.listen, from: '--listen' });
    if (options.logLevel !== undefined)
        layer.set('logLevel', { value: options.logLevel, from: '--log-level' });
    if (simulator) {
        const { appId, appSecret, url } = simulator;
        for (const [key, value] of Object.entries({ appId, appSecret, domain: url }))
            layer.set(key, { value, from: '--simulator' });
    }
    return layer;
}
function announce(daemon, config, simulator, to) {
    const { face, logger, isJson } = to;
    const { version } = readBuild();
    logger.info({ url: daemon.url, apps: daemon.apps, version }, '[feishu] daemon started');
    if (simulator) {
        logger.warn({ simulator: simulator.url }, '[feishu] SIMULATOR: nothing here is real, no event comes from Feishu');
    }
    if (isJson || !face.isTty)
        return;
    if (simulator) {
        const line = '!'.repeat(72);
        writeLine(face.stderr, `${line}\n!! SIMULATOR at ${simulator.url}: no event here comes from Feishu.\n${line}`);
    }
    writeLine(face.stderr, `feishu-connector ${version}: ${config.apps.map(({ app }) => app).join(', ')}`);
    writeLine(face.stderr, `  curl ${daemon.url}/readyz    connected, or why not\n  curl ${daemon.url}/status    everything it knows`);
}
