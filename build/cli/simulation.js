import { CommandLineError } from './command-line-error.js';
import { EXIT } from './exit-code.js';
import { writeLine } from './face.js';
import { listenForInterruption } from './interruption.js';
import { reportError } from './report-error.js';
/** `feishu-connector simulate --days`: the whole connector in virtual time. Exit code 0 only if every invariant held. */
export async function simulateDays(command, face) {
    const { days, json: isJson = false } = command;
    const abort = new AbortController();
    const interruption = listenForInterruption(face, () => abort.abort());
    try {
        // Loaded only here: a daemon in production never needs it.
        const { PROFILES, runSimulation } = await import('../simulation/index.js');
        const seed = command.seed ?? Math.floor(face.clock.wallNow()) % 4_294_967_296;
        const faults = PROFILES[profileNameOf(command.weather ?? 'mixed', Object.keys(PROFILES))];
        if (!isJson)
            writeLine(face.stdout, `Simulating ${days} days from seed ${seed}. ${faults.description}`);
        const startedAt = face.clock.now();
        const result = await runSimulation({
            seed,
            days,
            faults,
            ...(command.connections !== undefined && { connections: command.connections }),
            signal: abort.signal,
            ...(face.isTty && !isJson && { onProgress: (over) => face.stderr.write(`\r${over.toFixed(0)} of ${days} days`) }),
        });
        if (face.isTty && !isJson)
            face.stderr.write('\r\u001b[K');
        const seconds = Math.max(0.001, (face.clock.now() - startedAt) / 1_000);
        writeLine(face.stdout, isJson ? JSON.stringify(result) : summaryOf(result, seconds));
        if (result.isInterrupted && result.violation === null)
            return await interruption.asked;
        return result.violation === null ? EXIT.ok : EXIT.failure;
    }
    catch (error) {
        return reportError(face, error, isJson);
    }
    finally {
        interruption.dispose();
    }
}
function profileNameOf(weather, known) {
    if (known.includes(weather))
        return weather;
    throw new CommandLineError(`--weather must be one of ${known.join(', ')}, got ${weather}`);
}
/** What happened, for people. */
export function summaryOf(result, seconds) {
    const { events, outages, connection, token, host, faults, peaks, violation } = result;
    const faultCount = Object.values(faults).reduce((sum, count) => sum + count, 0);
    const rows = [
        ['time', `${result.days} days in ${seconds.toFixed(1)} s: ${(result.days / seconds).toFixed(1)} days a second`],
        [
            'events',
            `${events.sent} sent, ${events.handled} handled, ${events.redelivered} redelivered, ${events.exhausted} exhausted, ` +
                `${events.timedOut} callbacks too late, ${events.pending} pending`,
        ],
        ['handlers', `failed ${events.handlerFailures} times, on purpose`],
        ['faults', `${faultCount} of ${Object.keys(faults).length} kinds`],
        ['machine', `${host.sleeps} sleeps, ${host.wallSteps} clock steps, ${host.restarts} restarts`],
        [
            'outages',
            `${outages.count}, the longest ${hours(outages.longestMs)}, together ${hours(outages.totalMs)}; ${connection.attempts} attempts`,
        ],
        [
            'suspicions',
            `${connection.suspicions}: ${connection.recoveries} answered after all, ${connection.replaced} replaced, ${connection.givenUp} given up`,
        ],
        ['tokens', `${token.refreshes} refreshes, ${token.failures} failures`],
        [
            'calls',
            `at most ${peaks.discovery.perMinute} for tickets and ${peaks.token.perMinute} for tokens in a minute, ` +
                `${peaks.discovery.perHour} and ${peaks.token.perHour} in an hour`,
        ],
        ['checks', `${result.checks} of every invariant; digest ${result.digest}`],
    ];
    const table = rows.map(([name, told]) => `  ${name.padEnd(11)} ${told}`);
    const verdict = violation === null ? ['Every invariant held.'] : violationLines(violation);
    return ['', ...table, '', ...verdict].join('\n');
}
function violationLines({ invariant, says, detail, at, seed, story, replay }) {
    return [
        `Violated at ${at} of seed ${seed}: ${invariant}`,
        `  promised  ${says}`,
        `  seen      ${detail}`,
        '',
        'What came before:',
        ...story.map((line) => `  ${line}`),
        '',
        'To see it again:',
        `  ${replay}`,
    ];
}
function hours(ms) {
    return `${(ms / 3_600_000).toFixed(1)} h`;
}
