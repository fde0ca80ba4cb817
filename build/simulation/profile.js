import { FAULT_KINDS } from '../simulator/index.js';
import { HARMS } from './fault-deck.js';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEATHER = FAULT_KINDS.filter((kind) => HARMS[kind] !== 'people');
// What a real platform and a real network do most often comes more often here too.
const COMMON = [
    'drop_socket',
    'close_socket',
    'kick_every',
    'half_open',
    'half_open',
    'discovery_hang',
    'discovery_status',
    'discovery_code',
    'accept_then_close',
    'refuse_tcp',
    'dns_failure',
];
export const PROFILES = {
    mixed: {
        name: 'mixed',
        description: 'Hours of calm and storms from a minute to a day, of every fault that the simulator knows but those of people.',
        calmMs: 8 * HOUR,
        stormMs: [MINUTE, DAY],
        gapMs: 10 * MINUTE,
        kinds: [...WEATHER, ...COMMON],
        hostTroubleMs: 12 * HOUR,
        kickMs: DAY,
        isHandlerMoody: true,
        eventsPerDay: 150,
        // A round trip of at most 8.2 s: over the 3 s of the platform's patience, under our own.
        link: { latencyMs: 20, jitterMs: 4_000 },
    },
    stormy: {
        name: 'stormy',
        description: 'Storms with hardly a pause, so that as many faults as possible meet.',
        calmMs: 20 * MINUTE,
        stormMs: [MINUTE, 6 * HOUR],
        gapMs: MINUTE,
        kinds: [...WEATHER, ...COMMON],
        hostTroubleMs: 2 * HOUR,
        kickMs: null,
        isHandlerMoody: true,
        eventsPerDay: 500,
        link: { latencyMs: 20, jitterMs: 4_000 },
    },
    healthy: {
        name: 'healthy',
        description: 'A nearly idle bot on an ordinary network, kicked by the platform a few times a day.',
        calmMs: 10_000 * DAY,
        stormMs: [MINUTE, MINUTE],
        gapMs: MINUTE,
        kinds: [],
        hostTroubleMs: null,
        kickMs: 6 * HOUR,
        isHandlerMoody: false,
        eventsPerDay: 12,
        link: { latencyMs: 40, jitterMs: 5_000 },
    },
};
