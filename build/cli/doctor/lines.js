import { CHECKS } from '../../doctor/index.js';
const WORDS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL', skip: 'skip' };
const COLOURS = { ok: 32, warn: 33, fail: 31, skip: 90 };
/**
 * A diagnosis for people: a line per check, its advice below it, and the verdict last. What was skipped for one reason
 * stands in one line, behind the checks that were made.
 */
export function diagnosisLines({ checks, verdict, isHealthy }, isColoured) {
    const paint = (colour, text) => (isColoured ? `\u001b[${colour}m${text}\u001b[0m` : text);
    const width = Math.max(0, ...checks.filter(({ result }) => result !== 'skip').map(({ name }) => name.length));
    const blocks = groupsOf(checks).map(({ title, members }) => {
        const made = members.filter(({ result }) => result !== 'skip');
        const lines = made.flatMap(({ result, name, evidence, advice }) => [
            `  ${paint(COLOURS[result], WORDS[result])}  ${name.padEnd(width)}  ${evidence}`,
            ...(advice === null ? [] : [`  ${' '.repeat(WORDS.ok.length + width + 2)}  → ${advice}`]),
        ]);
        const skipped = skipsOf(members).map(({ names, reason }) => `  ${paint(COLOURS.skip, WORDS.skip)}  ${names.join(', ')}: ${reason}`);
        return [paint(1, title), ...lines, ...skipped].join('\n');
    });
    return [...blocks, paint(COLOURS[isHealthy ? 'ok' : 'fail'], verdict)].join('\n\n');
}
/** The checks of each app under its name, in the order in which they came. */
function groupsOf(checks) {
    const groups = new Map();
    for (const check of checks) {
        const title = check.app ?? sectionOf(check.name);
        // No app's name begins with a space.
        const key = check.app ?? ` ${title}`;
        const group = groups.get(key) ?? { title, members: [] };
        group.members.push(check);
        groups.set(key, group);
    }
    return [...groups.values()];
}
function sectionOf(name) {
    return Object.entries(CHECKS).find(([known]) => known === name)?.[1].section ?? 'daemon';
}
/** In the order in which each reason came first. */
function skipsOf(checks) {
    const byReason = new Map();
    for (const { result, name, evidence } of checks) {
        if (result === 'skip')
            byReason.set(evidence, [...(byReason.get(evidence) ?? []), name]);
    }
    return [...byReason].map(([reason, names]) => ({ reason, names }));
}
