/** A piece of HTML that is safe to send: made of our own text, with everything foreign in it escaped. */
export class Markup {
    #text;
    constructor(text) {
        this.#text = text;
    }
    /** For text of our own alone: a style sheet, a script. */
    static trusted(text) {
        return new Markup(text);
    }
    toString() {
        return this.#text;
    }
}
/**
 * A template whose values are escaped, unless they are {@link Markup} themselves. Values may stand in text and between
 * the double quotes of an attribute, nowhere else: not in tag or attribute names, scripts or styles.
 */
export function html(parts, ...values) {
    return Markup.trusted(parts.reduce((whole, part, index) => whole + text(values[index - 1] ?? null) + part));
}
function text(value) {
    if (value === null)
        return '';
    if (value instanceof Markup)
        return value.toString();
    if (typeof value === 'object')
        return value.map(text).join('');
    return escapeHtml(String(value));
}
const ESCAPES = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
};
function escapeHtml(foreign) {
    return foreign.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
