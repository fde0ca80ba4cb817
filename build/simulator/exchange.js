export function jsonAnswer(status, body, headers = {}) {
    return {
        how: 'answered',
        afterMs: 0,
        status,
        headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
        body: JSON.stringify(body),
    };
}
/** What a gateway or a captive portal says instead of JSON. */
export function htmlAnswer(status) {
    return {
        how: 'answered',
        afterMs: 0,
        status,
        headers: { 'content-type': 'text/html' },
        body: `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`,
    };
}
/** The members of a JSON object, or null if the text is none. */
export function jsonObject(text) {
    try {
        const value = JSON.parse(text);
        return typeof value === 'object' && value !== null && !Array.isArray(value)
            ? value
            : null;
    }
    catch {
        return null;
    }
}
/** Ten mebibytes of something that is JSON but no answer. */
export function hugeBody() {
    return JSON.stringify({ code: 0, msg: 'x'.repeat(10 * 1024 * 1024) });
}
