export function report(told) {
    return { do: 'report', report: told };
}
