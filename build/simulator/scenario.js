import { seededRandom } from '../ports/index.js';
import { messageEvent } from './event-builders.js';
import { parseFault } from './fault-parser.js';
const CHATS = [
    'oc_5ce6d572455d361153b7cb51da133945',
    'oc_e4d2605ca917e695f54f11aaf56aea8e',
    'oc_a0553eda9014c201e6969b478895c230',
];
/** A hundred times the mean: no draw can put off the next message for ever. */
const LONGEST_GAP = 100;
/**
 * Plays a scenario on the platform's clock.
 * @throws FaultError for a fault that is wrong, RangeError for a time that is, before anything happens.
 */
export function runScenario(platform, scenario, options = {}) {
    const { clock } = platform;
    const script = scenario.faults.map(({ at, ...fault }) => ({ at: checkedTime('at', at), fault: parseFault(fault) }));
    checkedTime('durationMs', scenario.durationMs);
    const rate = scenario.eventsPerSecond ?? 0;
    if (!(rate >= 0 && rate <= 10_000))
        throw new RangeError(`eventsPerSecond must be from 0 to 10000, got ${rate}`);
    const random = seededRandom(scenario.seed);
    const timers = new Set();
    const injected = [];
    let isOver = false;
    let sent = 0;
    let finish = () => { };
    const finished = new Promise((resolve) => {
        finish = resolve;
    });
    const later = (delayMs, act) => {
        const timer = clock.timer(delayMs, () => {
            timers.delete(timer);
            act();
        });
        timers.add(timer);
    };
    const stop = () => {
        if (isOver)
            return;
        isOver = true;
        for (const timer of timers)
            timer.cancel();
        for (const id of injected)
            platform.clear(id);
        finish();
    };
    const say = () => {
        const chatId = CHATS[Math.floor(random() * CHATS.length)] ?? '';
        platform.send(messageEvent({ chatId, text: `message ${++sent} of ${scenario.name}` }), options);
        later(gapMs(), say);
    };
    // Arrivals of independent people: exponential gaps.
    const gapMs = () => Math.min(-Math.log(1 - random()), LONGEST_GAP) * (1000 / rate);
    // The script first: a fault and a message of the same moment meet in this order in every run.
    for (const { at, fault } of script)
        later(at, () => injected.push(platform.inject(fault)));
    if (rate > 0)
        later(gapMs(), say);
    later(scenario.durationMs, stop);
    return { finished, stop };
}
function checkedTime(name, value) {
    if (!(Number.isFinite(value) && value >= 0))
        throw new RangeError(`${name} must be >= 0 milliseconds, got ${value}`);
    return value;
}
