const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABELS = '\\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\.)*",?)*\\}';
const VALUE = '[+-]?(?:Inf|NaN|[0-9]+(?:\\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\\.[0-9]+)';
// Timestamp, and the exemplar of OpenMetrics behind it.
const SAMPLE = new RegExp(`^(${NAME})(${LABELS})? (${VALUE})(?: -?[0-9.]+)?(?: # ${LABELS} ${VALUE}(?: [0-9.]+)?)?$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;
/** Reads the text format of Prometheus, and OpenMetrics. Pure. */
export function parseExposition(text) {
    const series = [];
    for (const [index, line] of text.split('\n').entries()) {
        if (line === '' || line.startsWith('#'))
            continue;
        const [, name, labels = '', value = ''] = SAMPLE.exec(line) ?? [];
        if (name === undefined)
            return { brokenLine: index + 1 };
        series.push({ name, labels: labelsOf(labels), value: numberOf(value) });
    }
    return { series };
}
function labelsOf(text) {
    const unescaped = (value) => value.replace(/\\(.)/g, (_all, char) => (char === 'n' ? '\n' : char));
    return new Map([...text.matchAll(LABEL)].map(([, name = '', value = '']) => [name, unescaped(value)]));
}
function numberOf(text) {
    return /^[+-]?Inf$/.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
}
