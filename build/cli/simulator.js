/** A setting that no simulator can have; the message says what it may be. */
export class SimulatorSettingError extends Error {
    name = 'SimulatorSettingError';
}
// Steady traffic never ends; this is only how often it is started anew. Far under the 24.8 days that a timer can hold.
const STEADY_DURATION_MS = 86_400_000;
/**
 * Starts the simulator of the platform, with traffic.
 * @throws SimulatorSettingError for an unknown scenario or a number out of bounds; the system's error for a taken port.
 */
export async function startSimulator(settings) {
    // Loaded only here: a daemon in production never needs it.
    const { createSimulator, DEFAULT_APP, runScenario, SCENARIOS } = await import('../simulator/index.js');
    const { clock, port = 0, eventsPerSecond, onNotice } = settings;
    const story = settings.scenario === undefined ? null : scenarioOf(settings.scenario, SCENARIOS);
    const seed = settings.seed ?? story?.seed ?? 1;
    if (eventsPerSecond !== undefined && !(eventsPerSecond >= 0 && eventsPerSecond <= 10_000)) {
        throw new SimulatorSettingError(`--events-per-second must be from 0 to 10000, got ${eventsPerSecond}`);
    }
    const simulator = createSimulator({ seed, port, clock });
    const unsubscribe = onNotice && simulator.platform.subscribe(onNotice);
    const { url } = await simulator.start();
    const play = (scenario) => runScenario(simulator.platform, { ...scenario, seed, ...(eventsPerSecond !== undefined && { eventsPerSecond }) });
    const endTraffic = playThenSteady(story, play, eventsPerSecond ?? story?.eventsPerSecond ?? 1);
    return {
        url,
        ...DEFAULT_APP,
        seed,
        async stop() {
            endTraffic();
            unsubscribe?.();
            await simulator.stop();
        },
    };
}
function scenarioOf(name, known) {
    const found = known.find((scenario) => scenario.name === name);
    if (found)
        return found;
    throw new SimulatorSettingError(`--scenario must be one of ${known.map((scenario) => scenario.name).join(', ')}, got ${name}`);
}
/** @returns Ends the traffic. */
function playThenSteady(story, play, eventsPerSecond) {
    const steady = {
        name: 'steady-traffic',
        seed: 1, // replaced by the settings'
        description: 'Messages and no faults.',
        eventsPerSecond,
        durationMs: STEADY_DURATION_MS,
        faults: [],
    };
    let isOver = false;
    let current = play(story ?? steady);
    const goOn = () => {
        current.finished.then(() => {
            if (isOver)
                return;
            current = play(steady);
            goOn();
        });
    };
    goOn();
    return () => {
        isOver = true;
        current.stop();
    };
}
/** What the control API of the simulator is asked most: each line is one to paste into a shell. */
export function controlLines(url) {
    const control = `${url}/_simulator`;
    const post = (resource, body) => `curl -s ${control}/${resource} -d '${JSON.stringify(body)}'`;
    return [
        { says: 'say something to the bot', line: post('events', { kind: 'message', text: 'hello' }) },
        { says: 'freeze every open socket: half-open', line: post('faults', { fault: 'half_open' }) },
        { says: 'reset every open socket', line: post('faults', { fault: 'drop_socket' }) },
        {
            says: 'fail endpoint discovery for a minute',
            line: post('faults', { fault: 'discovery_status', status: 502, forMs: 60_000 }),
        },
        {
            says: 'accept connections and close them at once, for a minute',
            line: post('faults', { fault: 'accept_then_close', forMs: 60_000 }),
        },
        { says: 'void every token', line: post('faults', { fault: 'revoke_tokens' }) },
        { says: 'end all faults', line: `curl -s -X DELETE ${control}/faults` },
        { says: 'see connections, events and faults', line: `curl -s ${control}/state` },
    ];
}
