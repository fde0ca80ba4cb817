import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { ConfigError } from './config-error.js';
/**
 * Parses YAML, and JSON with it, which is YAML too.
 * @param name How messages call the file.
 * @throws ConfigError with the line. Its words are ours: the parser's own quote the line, which may hold a secret.
 */
export function parseConfigDocument(text, name) {
    const lines = new LineCounter();
    const document = parseDocument(text, {
        lineCounter: lines,
        prettyErrors: false,
        uniqueKeys: true,
        logLevel: 'silent',
    });
    if (document.errors.length > 0) {
        throw new ConfigError(
        // The first is the cause, the others usually its consequences.
        document.errors.slice(0, 1).map(({ code, pos: [offset] }) => {
            const { line, col } = lines.linePos(offset);
            return {
                where: `${name}:${line}`,
                path: '',
                expected: 'valid YAML',
                given: `${WORDS[code] ?? 'a syntax error'} at column ${col}`,
                advice: 'Mend that line; text with special characters goes in double quotes.',
            };
        }));
    }
    return {
        value: plainValueOf(document, name),
        where(path) {
            const offset = offsetOf(document, path);
            return offset === null ? name : `${name}:${lines.linePos(offset).line}`;
        },
    };
}
function plainValueOf(document, name) {
    try {
        return document.toJS({ maxAliasCount: 100 });
    }
    catch {
        throw new ConfigError([
            {
                where: name,
                path: '',
                expected: 'plain values',
                given: 'aliases that cannot be resolved or repeat each other too often',
                advice: 'Write the values out instead of using & and *.',
            },
        ]);
    }
}
/** Where the key at the path starts, or its parent's key if it is missing, and so on up. */
function offsetOf(document, path) {
    let node = document.contents;
    let offset = null;
    for (const part of path) {
        if (isMap(node)) {
            const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
            if (pair === undefined)
                break;
            offset = startOf(pair.key) ?? offset;
            node = pair.value;
        }
        else if (isSeq(node) && typeof part === 'number') {
            node = node.items[part];
            offset = startOf(node) ?? offset;
        }
        else {
            break;
        }
    }
    return offset;
}
function startOf(node) {
    if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range))
        return null;
    return typeof node.range[0] === 'number' ? node.range[0] : null;
}
/** What the parser's codes mean, for those that people meet. */
const WORDS = {
    BAD_ALIAS: 'an alias (*) to something that does not exist',
    BAD_DQ_ESCAPE: 'a backslash sequence that double quotes do not know',
    BAD_INDENT: 'an indentation that does not fit the lines above',
    BAD_SCALAR_START: 'text that starts with a reserved character',
    BLOCK_AS_IMPLICIT_KEY: 'a second colon on one line',
    DUPLICATE_KEY: 'a key that already stands in the same mapping',
    MISSING_CHAR: 'a quote, bracket or comma that is missing',
    MULTILINE_IMPLICIT_KEY: 'a key without a colon',
    MULTIPLE_DOCS: 'a second document (---)',
    TAB_AS_INDENT: 'a tab used as indentation',
    TAG_RESOLVE_FAILED: 'a tag (!) that is unknown',
    UNEXPECTED_TOKEN: 'something that cannot stand there',
};
