import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { openHttpSurface, record } from '../../daemon/index.js';
import { readBuild, scrape } from '../../observe/index.js';
import { faultPanel } from './fault-panel.js';
/** Milliseconds between two messages once the story is over. */
const CALM_MESSAGE_EVERY_MS = 1_000;
/**
 * Limits an order of magnitude shorter than the defaults, so that a night fits into half a minute. Nothing else
 * differs from a connector in production: backoff 1 s → 2 s → 4 s … with full jitter is the default itself.
 */
const QUICK = {
    connection: {
        discoveryTimeoutMs: 2_000,
        dialTimeoutMs: 2_000,
        proofTimeoutMs: 2_000,
        heartbeatMs: 1_000,
        answerTimeoutMs: 1_500,
        suspicionMs: 1_000,
        stableAfterMs: 2_000,
        evidencePause: { initialMs: 1_000, maxMs: 4_000, factor: 2, jitter: 'none' },
        evidenceJitterMs: 500,
    },
    token: { fetchTimeoutMs: 2_000, wantedIntervalMs: 2_000 },
};
/**
 * The platform's side on the same scale: tokens that live 12 s, and a redelivery ladder of 0.7 s, 13.5 s … (the real one
 * goes 15 s, 5 min, 1 h, 6 h), whose second rung outlasts the outage of the story.
 */
const QUICK_PLATFORM = { tokenLifetimeMs: 12_000, redeliveryScale: 0.045 };
/**
 * For an outage that lasts until somebody is paged: tokens whose renewal is due towards its end and that outlive it, and
 * a ladder of 1.2 s, 24 s … whose second rung outlasts it.
 */
const PATIENT_PLATFORM = { tokenLifetimeMs: 28_000, redeliveryScale: 0.08 };
/** Starts everything; nothing is left running if a part of it cannot start. */
export async function openStage(settings) {
    const { clock, seed, messageEveryMs, isLong, beforeStart, hasPanel, onLogLine } = settings;
    // Loaded only here: no other command needs both sides at once.
    const [{ createSimulator, DEFAULT_APP, messageEvent }, { createConnector }] = await Promise.all([
        import('../../simulator/index.js'),
        import('../../connector.js'),
    ]);
    const simulator = createSimulator({ seed, clock, ...(isLong ? PATIENT_PLATFORM : QUICK_PLATFORM) });
    const { url: simulatorUrl } = await simulator.start();
    const handledCounts = new Map();
    const logger = pino({ level: 'info' }, { write: onLogLine });
    const directory = await mkdtemp(join(tmpdir(), 'feishu-demo-'));
    const connector = createConnector({
        ...DEFAULT_APP,
        app: 'demo',
        domain: simulatorUrl,
        ...QUICK,
        journal: { directory },
        // The story is about redelivery; what history gives would be there before it.
        catchup: false,
        logger,
        handlers: {
            'im.message.receive_v1': (event) => {
                if (!isOver)
                    handledCounts.set(event.id, (handledCounts.get(event.id) ?? 0) + 1);
            },
        },
    });
    let surface = null;
    let isOver = false;
    const say = (text) => void simulator.send(messageEvent({ text }));
    try {
        const panel = faultPanel({ simulator, say: () => say('hello'), isFree: () => isOver });
        surface = await openSurface(connector, clock, logger, hasPanel ? panel : null);
        await beforeStart(surface.url);
        await connector.start();
    }
    catch (error) {
        await surface?.close();
        await connector.dispose();
        await simulator.stop();
        await rm(directory, { recursive: true, force: true });
        throw error;
    }
    const endStory = every(clock, messageEveryMs, (count) => say(`message ${count}`));
    let endCalm = () => { };
    const endTraffic = () => {
        endStory();
        endCalm();
    };
    return {
        simulator,
        simulatorUrl,
        connector,
        surface,
        handledCounts,
        endTraffic,
        goOn: () => {
            isOver = true;
            endCalm = every(clock, CALM_MESSAGE_EVERY_MS, (count) => say(`afterwards ${count}`));
        },
        close: async () => {
            endTraffic();
            await connector.stop({ drainMs: 1_000 });
            await surface.close();
            await simulator.stop();
            await rm(directory, { recursive: true, force: true });
        },
    };
}
function openSurface(connector, clock, logger, panel) {
    const { history } = record(connector, clock);
    return openHttpSurface({ host: '127.0.0.1', port: 0 }, {
        apps: () => [
            {
                app: connector.app,
                appId: connector.appId,
                status: () => connector.status(),
                reconnect: () => connector.reconnect(),
                history,
                deadLetters: () => connector.deadLetters,
            },
        ],
        phase: () => 'running',
        scrape: () => scrape(connector.registry),
        version: readBuild().version,
        startedAt: clock.wallNow(),
        clock,
        logger,
        ...(panel && { panel }),
    });
}
/** @returns Ends it. */
function every(clock, intervalMs, act) {
    let timer = null;
    let count = 0;
    const next = () => {
        timer = clock.timer(intervalMs, () => {
            next();
            act(++count);
        });
    };
    next();
    return () => timer?.cancel();
}
