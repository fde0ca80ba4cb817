/** Shorter ones would be found by chance in anything, and to strike them out would only tell where they stand. */
const SHORTEST_SECRET = 8;
/** Far above what the configuration of a process names. Secrets in use are learned again at every use, so they stay. */
const SECRETS_KEPT = 256;
const BASE64_GROUP_BYTES = 3;
const BASE64_GROUP_CHARACTERS = 4;
/**
 * The secrets of this process, by value: patterns tell a secret by what stands around it, and miss the one that stands
 * alone in the message of somebody else's error. Those that were not used for the longest time go first.
 */
export class KnownSecrets {
    /** How each of them may be written, the latest used last. */
    #formsOf = new Map();
    #forms = [];
    /** From now on it is struck out. Texts of less than 8 characters are not taken, nor numbers: JSON has its own. */
    learn(secret) {
        if (secret.length < SHORTEST_SECRET || /^\d+$/.test(secret))
            return;
        const known = this.#formsOf.get(secret);
        this.#formsOf.delete(secret);
        this.#formsOf.set(secret, known ?? formsOf(secret));
        if (known !== undefined)
            return;
        for (const oldest of this.#formsOf.keys()) {
            if (this.#formsOf.size <= SECRETS_KEPT)
                break;
            this.#formsOf.delete(oldest);
        }
        // The longest first: what holds another one must not be broken up by it.
        this.#forms = [...new Set([...this.#formsOf.values()].flat())].sort((one, other) => other.length - one.length);
    }
    /** The text without any of them. */
    strikeOut(text, replacement) {
        if (text.length < SHORTEST_SECRET)
            return text;
        let clean = text;
        for (const form of this.#forms)
            if (clean.includes(form))
                clean = clean.replaceAll(form, replacement);
        return clean;
    }
}
/** As it is, in a URL, in JSON and in JSON within JSON, and in base64, wherever it stands there. */
function formsOf(secret) {
    const inJson = escaped(secret);
    // Half of a surrogate pair cannot stand in a URL, and encodeURIComponent throws.
    const inUrl = encodeURIComponent(secret.replace(/\p{Surrogate}/gu, '\uFFFD'));
    const inForm = new URLSearchParams([['', secret]]).toString().slice(1);
    const forms = [secret, inJson, escaped(inJson), inUrl, inForm, ...inBase64(secret)];
    return [...new Set(forms)].filter(({ length }) => length >= SHORTEST_SECRET);
}
function escaped(text) {
    return JSON.stringify(text).slice(1, -1);
}
/** Behind none, one or two other bytes, such as `user:`, the same bytes look different; those on the edges are left out. */
function inBase64(secret) {
    const bytes = Buffer.from(secret);
    return [0, 1, 2].flatMap((before) => {
        const groups = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
        const whole = Math.floor((before + bytes.length) / BASE64_GROUP_BYTES) * BASE64_GROUP_CHARACTERS;
        const core = groups.slice(before === 0 ? 0 : before + 1, whole);
        return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
    });
}
