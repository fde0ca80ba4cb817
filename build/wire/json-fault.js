/** Texts up to this length are searched when the engine names no position: some 17 parses of at most 1 ms. */
const SEARCHED_LENGTH = 65_536;
/**
 * Where a text stops being JSON, in words for an error message. JSON.parse's own message can't be shown: it quotes the text.
 * @param error What `JSON.parse(text)` threw.
 */
export function jsonFaultOf(error, text) {
    const message = error instanceof Error ? error.message : '';
    const length = `${text.length} characters`;
    if (message.startsWith('Unexpected end'))
        return `it ends too early, after ${length}`;
    const position = /at position (\d+)/.exec(message)?.[1];
    if (position === String(text.length))
        return `it ends too early, after ${length}`;
    if (position !== undefined)
        return `it breaks at character ${position} of ${length}`;
    if (text.length > SEARCHED_LENGTH)
        return `it breaks somewhere in ${length}`;
    return `it breaks at character ${unexpectedTokenAt(text)} of ${length}`;
}
/** V8 up to version 12 names a token but no place. It reads from left to right, so the shortest bad beginning ends there. */
function unexpectedTokenAt(text) {
    let good = 0;
    let bad = text.length;
    while (good + 1 < bad) {
        const middle = (good + bad) >>> 1;
        if (hasUnexpectedToken(text.slice(0, middle)))
            bad = middle;
        else
            good = middle;
    }
    return bad - 1;
}
function hasUnexpectedToken(beginning) {
    try {
        JSON.parse(beginning);
        return false;
    }
    catch (error) {
        return error instanceof Error && error.message.startsWith('Unexpected token');
    }
}
