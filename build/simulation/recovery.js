import { pino } from 'pino';
import { createConnector } from '../connector.js';
import { DEFAULT_APP, inMemoryFace, Platform, VirtualClock } from '../simulator/index.js';
import { Barrier } from './barrier.js';
import { kindOfCall } from './call-log.js';
import { Dice, streamOf } from './dice.js';
const STATUS = 503;
/** The outages that recovery is measured after. */
export const TROUBLES = {
    dns: { says: 'DNS failure', isSeenBy: 'reach', faults: [{ fault: 'dns_failure' }] },
    refused: { says: 'TCP refused', isSeenBy: 'reach', faults: [{ fault: 'refuse_tcp' }] },
    silence: { says: 'packets vanish', isSeenBy: 'reach', blockade: 'silence' },
    tls: { says: 'TLS failure', isSeenBy: 'reach', blockade: 'tls' },
    proxy: { says: 'proxy failure', isSeenBy: 'reach', blockade: 'proxy' },
    gateway: { says: 'gateway refuses TCP', isSeenBy: 'reach', faults: [{ fault: 'refuse_tcp', via: 'socket' }] },
    hang: {
        says: 'endpoint hangs',
        isSeenBy: 'probe',
        faults: [{ fault: 'discovery_hang' }, { fault: 'token_hang' }],
    },
    status: {
        says: `endpoint answers ${STATUS}`,
        isSeenBy: 'probe',
        faults: [
            { fault: 'discovery_status', status: STATUS },
            { fault: 'token_status', status: STATUS },
        ],
    },
    html: {
        says: 'endpoint answers HTML',
        isSeenBy: 'probe',
        faults: [
            { fault: 'discovery_body', body: 'html' },
            { fault: 'token_body', body: 'html' },
        ],
    },
    code: {
        says: 'a code for this app that mends itself',
        isSeenBy: 'attempt',
        faults: [{ fault: 'discovery_code', code: 1, shape: 'null' }],
    },
    forbidden: {
        says: 'a code for this app that needs a human',
        isSeenBy: 'attempt',
        faults: [{ fault: 'discovery_code', code: 403, shape: 'null' }],
    },
};
const MINUTE = 60_000;
/** Nothing takes longer than the longest wait and an attempt. */
const PATIENCE_MS = 20 * MINUTE;
const LINK = { latencyMs: 20, jitterMs: 30 };
/**
 * One outage of a whole connector in the in-memory platform, in virtual time: a stable connection, its end, the outage,
 * and what it takes from the upstream's return to `connected`. A function of its options alone.
 */
export async function measureRecovery({ trouble, outageMs, seed }) {
    const stream = (name) => streamOf(seed, `${trouble} ${outageMs} ${name}`);
    const dice = new Dice(stream('outage'));
    const clock = new VirtualClock({ timersPerTurn: 64 });
    const platform = new Platform({ clock, random: stream('platform') });
    const barrier = new Barrier(clock, inMemoryFace(platform, { ...LINK, random: stream('link') }), LINK.latencyMs);
    const calls = [];
    const probes = [];
    const reaches = [];
    const connector = createConnector({
        ...DEFAULT_APP,
        app: 'measured',
        domain: 'http://platform.invalid',
        handlers: {},
        // Measured is how soon it is back; what was missed meanwhile is another matter.
        catchup: false,
        logger: pino({ level: 'silent' }),
        seams: {
            clock,
            random: stream('connector'),
            http: (request) => {
                const kind = kindOfCall(request);
                if (kind === 'probe')
                    probes.push(clock.now());
                else if (kind !== null)
                    calls.push(clock.now());
                return barrier.http(request);
            },
            dial: barrier.dial,
            reach: (url, limits) => {
                reaches.push(clock.now());
                return barrier.reach(url, limits);
            },
        },
    });
    const untilConnected = async () => {
        if (await clock.runUntil(() => connector.status().connected.is, PATIENCE_MS))
            return clock.now();
        throw new Error(`not connected within ${PATIENCE_MS} ms after ${trouble} of ${outageMs} ms, seed ${seed}`);
    };
    await connector.start();
    await untilConnected();
    await clock.advanceBy(dice.between(MINUTE, 5 * MINUTE));
    const { faults, blockade } = TROUBLES[trouble];
    const startedAt = clock.now();
    barrier.blockade = blockade ?? null;
    for (const fault of faults ?? [])
        platform.inject(fault);
    platform.inject({ fault: 'drop_socket' });
    const lastedMs = outageMs * dice.between(0.9, 1.1);
    await clock.advanceBy(lastedMs);
    const endedAt = clock.now();
    barrier.blockade = null;
    platform.clear();
    const recoveryMs = (await untilConnected()) - endedAt;
    const between = (times, from, to) => times.filter((at) => at >= from && at < to).length;
    const halfAt = startedAt + lastedMs / 2;
    const recovery = {
        recoveryMs,
        callsInFirstMinute: between(calls, startedAt, Math.min(endedAt, startedAt + MINUTE)),
        callsPerMinute: (between(calls, halfAt, endedAt) / (endedAt - halfAt)) * MINUTE,
        probesPerMinute: Math.max(0, ...probes.map((at) => between(probes, at, at + MINUTE))),
        reachesPerMinute: (between(reaches, startedAt, endedAt) / lastedMs) * MINUTE,
    };
    await stopped(connector, clock);
    platform.stop();
    return recovery;
}
async function stopped(connector, clock) {
    let isStopped = false;
    const stopping = connector.stop().then(() => {
        isStopped = true;
    });
    await clock.runUntil(() => isStopped, MINUTE);
    await stopping;
}
