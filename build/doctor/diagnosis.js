import { RESULTS } from './check.js';
/** Counts up when a field of {@link Diagnosis} goes or changes its meaning; further fields change nothing. */
export const DIAGNOSIS_VERSION = 1;
/** Adds the verdict to what was found. Pure. */
export function diagnosisOf(found) {
    const { at, daemon, apps, checks, notices } = found;
    const counts = Object.fromEntries(RESULTS.map((result) => [result, checks.filter((check) => check.result === result).length]));
    const isHealthy = counts.fail === 0 && checks.length > 0;
    const verdict = isHealthy ? goodWords(found, counts) : badWords(found);
    return { schemaVersion: DIAGNOSIS_VERSION, at, isHealthy, verdict, daemon, apps, counts, checks, notices };
}
function badWords({ apps, checks }) {
    const deaf = apps.filter(({ isDeaf }) => isDeaf === true);
    const words = deaf.map(({ app, deafSince }) => (deafSince === null ? app : `${app} since ${deafSince}`));
    // Of a deaf app the rest follows from that.
    const rest = checks.filter(({ result, app }) => result === 'fail' && !deaf.some((each) => each.app === app));
    const others = rest.map(({ app, name }) => (app === null ? name : `${name} of ${app}`));
    return [
        ...(words.length > 0 ? [`DEAF: ${words.join(', ')}.`] : []),
        ...(others.length > 0 ? [`FAILED: ${others.join(', ')}.`] : []),
        ...(words.length + others.length === 0 ? ['FAILED: there was nothing to look at.'] : []),
    ].join(' ');
}
function goodWords({ apps }, { warn }) {
    const warnings = warn === 0 ? '' : `, with ${warn} ${warn === 1 ? 'warning' : 'warnings'}`;
    const names = (source) => apps.filter((each) => each.source === source).map(({ app }) => app);
    const [connected, probed] = [names('daemon'), names('probe')];
    // A probe says what a connector would find, and nothing of one that runs.
    const told = [
        ...(connected.length > 0 ? [`${connected.join(', ')} connected`] : []),
        ...(probed.length > 0 ? [`${probed.join(', ')} can connect, but no connector was found that does`] : []),
    ];
    return `Healthy: ${told.join('; ')}${warnings}.`;
}
