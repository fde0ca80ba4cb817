/**
 * An expression in one form, so that two that mean the same are the same: Prometheus shows what it has loaded in its own
 * spelling. Spaces, the two kinds of quotes, and the spelling of durations and numbers make no difference. Pure.
 */
export function canonical(expr) {
    return tokensOf(expr).join(' ');
}
/** The same with every number and duration left open: what sites may change with `--threshold`. Pure. */
export function shape(expr) {
    return tokensOf(expr)
        .map((token) => (/^[0-9.]/.test(token) ? '#' : token))
        .join(' ');
}
const UNITS_MS = {
    ms: 1,
    s: 1_000,
    m: 60_000,
    h: 3_600_000,
    d: 86_400_000,
    w: 604_800_000,
    y: 31_536_000_000,
};
// Comments are not in rules of ours; a duration comes before a number, as it begins with one.
const TOKEN = /\s+|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|(?:\d+(?:ms|[smhdwy]))+(?![a-zA-Z_:0-9])|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[a-zA-Z_:][a-zA-Z0-9_:]*|[=!<>~]=?~?|./g;
function tokensOf(expr) {
    const tokens = (expr.match(TOKEN) ?? []).filter((token) => token.trim() !== '').map(spelt);
    return withoutEmptyGroups(tokens);
}
function spelt(token) {
    if (/^["'`]/.test(token))
        return JSON.stringify(unquoted(token));
    if (/^\d+(ms|[smhdwy])/.test(token)) {
        const parts = [...token.matchAll(/(\d+)(ms|[smhdwy])/g)];
        return `${parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS_MS[unit ?? ''] ?? 0), 0)}ms`;
    }
    if (/^[0-9.]/.test(token) && token !== '.')
        return String(Number(token));
    return token;
}
function unquoted(token) {
    const inside = token.slice(1, -1);
    return token.startsWith('`') ? inside : inside.replace(/\\(.)/g, (all, char) => (/["'\\]/.test(char) ? char : all));
}
/** `group_left` and `group_left ()` are one, and so are `by (a,)` and `by (a)`. */
function withoutEmptyGroups(tokens) {
    return tokens.filter((token, index) => {
        const [before, next, after] = [tokens[index - 1], tokens[index + 1], tokens[index - 2]];
        if (token === ',' && (next === ')' || next === '}'))
            return false;
        if (token === '(' && next === ')' && /^group_(left|right)$/.test(before ?? ''))
            return false;
        return !(token === ')' && before === '(' && /^group_(left|right)$/.test(after ?? ''));
    });
}
