/** Shorter ones would be found by chance in anything, and to strike them out would only tell where they stand. */
const SHORTEST_SECRET = 8;
/**
 * How many are kept. `lasting` is what a configuration names: a thousand apps and their sinks. `passing` is what the platform
 * hands out for hours at most, ever new: patterns know those as well.
 */
const SECRETS_KEPT = { lasting: 8_192, passing: 1_024 } as const;
/** Values that {@link hashAt} can have; a power of two. */
const HASHES = 65_536;
const BASE64_GROUP_BYTES = 3;
const BASE64_GROUP_CHARACTERS = 4;

/**
 * The secrets of this process, by value: patterns tell a secret by what stands around it, and miss the one that stands
 * alone in the message of somebody else's error. Of each kind those that were not used for the longest time go first.
 */
export class KnownSecrets {
  /** How each of them may be written, the latest used last. */
  readonly #formsOf = {
    lasting: new Map<string, readonly string[]>(),
    passing: new Map<string, readonly string[]>(),
  };
  /** All forms by {@link beginningAt}, the longest first: what holds another one must not be broken up by it. */
  readonly #byBeginning = new Map<string, string[]>();
  /** How many forms begin so, by {@link hashAt}: a line is read once, however many secrets there are. */
  readonly #begins = new Uint32Array(HASHES);

  /** From now on it is struck out. Texts of less than 8 characters are not taken, nor numbers: JSON has its own. */
  learn(secret: string, kind: keyof typeof SECRETS_KEPT = 'lasting'): void {
    if (secret.length < SHORTEST_SECRET || /^\d+$/.test(secret)) return;
    const formsOfKind = this.#formsOf[kind];
    const known = formsOfKind.get(secret);
    const forms = known ?? formsOf(secret);
    formsOfKind.delete(secret);
    formsOfKind.set(secret, forms);
    if (known !== undefined) return;
    for (const form of forms) this.#add(form);
    for (const [oldest, itsForms] of formsOfKind) {
      if (formsOfKind.size <= SECRETS_KEPT[kind]) break;
      formsOfKind.delete(oldest);
      for (const form of itsForms) this.#remove(form);
    }
  }

  /** The text without any of them. */
  strikeOut(text: string, replacement: string): string {
    const last = text.length - SHORTEST_SECRET;
    let clean = '';
    let from = 0;
    for (let at = 0; at <= last; at += 1) {
      if (this.#begins[hashAt(text, at)] === 0) continue;
      const form = this.#byBeginning.get(beginningAt(text, at))?.find((each) => text.startsWith(each, at));
      if (form === undefined) continue;
      clean += text.slice(from, at) + replacement;
      from = at + form.length;
      at = from - 1;
    }
    return from === 0 ? text : clean + text.slice(from);
  }

  /** Two secrets may have a form in common: it stands there twice, and goes when both do. */
  #add(form: string): void {
    const beginning = beginningAt(form, 0);
    const alike = this.#byBeginning.get(beginning) ?? [];
    alike.push(form);
    alike.sort((one, other) => other.length - one.length);
    this.#byBeginning.set(beginning, alike);
    this.#count(form, 1);
  }

  #remove(form: string): void {
    const beginning = beginningAt(form, 0);
    const alike = this.#byBeginning.get(beginning) ?? [];
    alike.splice(alike.indexOf(form), 1);
    if (alike.length === 0) this.#byBeginning.delete(beginning);
    this.#count(form, -1);
  }

  #count(form: string, change: 1 | -1): void {
    const hash = hashAt(form, 0);
    this.#begins[hash] = (this.#begins[hash] ?? 0) + change;
  }
}

/** Of the four characters from there on. */
function hashAt(text: string, at: number): number {
  const first = text.charCodeAt(at) ^ (text.charCodeAt(at + 1) << 4);
  return (first ^ (text.charCodeAt(at + 2) << 8) ^ (text.charCodeAt(at + 3) << 11)) & (HASHES - 1);
}

/**
 * As many characters from there on as every secret has. The platform's tokens have the first six in common: a text full of
 * those would be compared with each of them, again and again.
 */
function beginningAt(text: string, at: number): string {
  return text.slice(at, at + SHORTEST_SECRET);
}

/** As it is, in a URL, in JSON and in JSON within JSON, on a page, and in base64, wherever it stands there. */
function formsOf(secret: string): readonly string[] {
  const inJson = escaped(secret);
  // Half of a surrogate pair cannot stand in a URL, and encodeURIComponent throws.
  const inUrl = encodeURIComponent(secret.replace(/\p{Surrogate}/gu, '\uFFFD'));
  const inForm = new URLSearchParams([['', secret]]).toString().slice(1);
  // Python and nginx among others write the escapes of URLs in small letters.
  const inUrls = [inUrl, inForm].flatMap((text) => [text, text.replace(/%../g, (triplet) => triplet.toLowerCase())]);
  const forms = [secret, inJson, escaped(inJson), ...inUrls, ...onPage(secret), ...inBase64(secret)];
  return [...new Set(forms)].filter(({ length }) => length >= SHORTEST_SECRET);
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** In HTML; of the quotes each may be escaped, in two ways, or not. */
function onPage(secret: string): readonly string[] {
  const text = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quoted = text.replaceAll('"', '&quot;');
  return [text, quoted, quoted.replaceAll("'", '&#39;'), quoted.replaceAll("'", '&#x27;')];
}

/** Behind none, one or two other bytes, such as `user:`, the same bytes look different; those on the edges are left out. */
function inBase64(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const groups = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const whole = Math.floor((before + bytes.length) / BASE64_GROUP_BYTES) * BASE64_GROUP_CHARACTERS;
    const core = groups.slice(before === 0 ? 0 : before + 1, whole);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
