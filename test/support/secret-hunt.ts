import { inspect } from 'node:util';
import type { Dial, Http } from '../../src/ports/index.js';

/** Where a secret was found: never the secret itself, as this ends in the output of a failed test. */
export interface Leak {
  readonly place: string;
  readonly kind: string;
  /** In which notation, or which part of it. */
  readonly how: string;
  /** What stood before it. */
  readonly after: string;
}

/** Learns every secret that passes between a client and the platform, and looks for them in what the client says. */
export class SecretHunt {
  readonly #secrets = new Map<string, string>();

  /** @param kind What the secret is, in words. */
  learn(kind: string, secret: string): void {
    // A shorter one would be found by chance in anything.
    if (secret.length < 8) throw new RangeError(`a ${kind} of ${secret.length} characters is too short to look for`);
    this.#secrets.set(secret, kind);
  }

  /** Learns the tokens, tickets and access keys in a text of the platform. */
  learnFrom(text: string): void {
    for (const [, token] of text.matchAll(/"tenant_access_token":"([^"]+)"/g)) this.learn('token', token ?? '');
    for (const [, name, value] of text.matchAll(/\b(ticket|access_key)=([\w-]+)/g)) this.learn(name ?? '', value ?? '');
  }

  /** How many secrets of this kind are known. */
  count(kind: string): number {
    return [...this.#secrets.values()].filter((each) => each === kind).length;
  }

  /** Listens at the ports: answers of the platform on one side, dialled URLs on the other. */
  wiretap(http: Http, dial: Dial): { readonly http: Http; readonly dial: Dial } {
    return {
      http: async (request) => {
        const response = await http(request);
        this.learnFrom(response.body);
        return response;
      },
      dial: (url, listener) => {
        this.learnFrom(url);
        return dial(url, listener);
      },
    };
  }

  /** Searches values of any shape, errors and their causes included, as deep as they go; bytes as they are. */
  leaksIn(places: Readonly<Record<string, unknown>>): Leak[] {
    const forms = new FormIndex([...this.#secrets.keys()]);
    return Object.entries(places).flatMap(([place, value]) => {
      const text = textOf(value);
      const found = forms.findIn(text);
      return [...this.#secrets].flatMap(([secret, kind]) => {
        const leak = found.get(secret);
        if (leak === undefined) return [];
        const { form, at } = leak;
        return [{ place, kind, how: form.how, after: text.slice(Math.max(0, at - 60), at) }];
      });
    });
  }
}

/** One thing to look for: a secret in some notation, or one of its ends. */
interface Form {
  readonly secret: string;
  readonly text: string;
  readonly how: string;
  /** The lowest that was found is told: whole before cut, and as it is before any other notation. */
  readonly rank: number;
  /** Whether what stands there is this, and no chance. */
  isItself(where: string, at: number): boolean;
}

/** So many characters are looked up at a time; nothing that is looked for is shorter. */
const GRAM_LENGTH = 8;
const BASE = 0x01000193;
/** What the first character of a gram weighs in its hash. */
const FIRST_WEIGHT = Array.from({ length: GRAM_LENGTH - 1 }).reduce<number>((weight) => Math.imul(weight, BASE), 1);

/** Looks for all of them at once, in one walk over a text (Rabin and Karp): thousands of searches take a minute. */
class FormIndex {
  readonly #byHash = new Map<number, Form[]>();
  /** By the last bits of the hash: most of a text is none of them, which this tells soonest. */
  readonly #isAny = new Uint8Array(65_536);

  constructor(secrets: readonly string[]) {
    for (const form of secrets.flatMap(formsOf)) {
      if (form.text.length < GRAM_LENGTH) throw new RangeError(`${form.how}, a secret is too short to look for`);
      let hash = 0;
      for (let index = 0; index < GRAM_LENGTH; index++)
        hash = (Math.imul(hash, BASE) + form.text.charCodeAt(index)) | 0;
      this.#isAny[hash & 0xffff] = 1;
      this.#byHash.set(hash, [...(this.#byHash.get(hash) ?? []), form]);
    }
  }

  /** The best that was found of each secret, and where first. */
  findIn(text: string): ReadonlyMap<string, { readonly form: Form; readonly at: number }> {
    const found = new Map<string, { readonly form: Form; readonly at: number }>();
    let hash = 0;
    for (let end = 0; end < text.length; end++) {
      const at = end - GRAM_LENGTH + 1;
      if (at > 0) hash = (hash - Math.imul(text.charCodeAt(at - 1), FIRST_WEIGHT)) | 0;
      hash = (Math.imul(hash, BASE) + text.charCodeAt(end)) | 0;
      if (at < 0 || this.#isAny[hash & 0xffff] === 0) continue;
      for (const form of this.#byHash.get(hash) ?? []) {
        const known = found.get(form.secret);
        if (known !== undefined && known.form.rank <= form.rank) continue;
        if (text.startsWith(form.text, at) && form.isItself(text, at)) found.set(form.secret, { form, at });
      }
    }
    return found;
  }
}

/** The secret whole, in whatever notation, and its ends. */
function formsOf(secret: string): Form[] {
  // Digits and letters a to f are the ids of everything: of those, more than eight must fit before it is no chance.
  const length = /^[0-9a-f-]+$/.test(secret) ? 10 : 8;
  const beginning = secret.slice(0, length);
  const end = secret.slice(-length);
  const always = (): boolean => true;
  const forms: Omit<Form, 'secret' | 'rank'>[] = [
    ...notationsOf(secret).map(([how, text]) => ({ how, text, isItself: always })),
    { how: 'its beginning', text: beginning, isItself: (where, at) => !isWord(where[at - 1]) },
    { how: 'its end', text: end, isItself: (where, at) => !isWord(where[at + end.length]) },
  ];
  return forms.map((form, rank) => ({ ...form, secret, rank }));
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /\w/.test(character);
}

/** How a secret may be written. In base64 the same bytes look different behind none, one or two others. */
function notationsOf(secret: string): [how: string, form: string][] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    ['as it is', secret],
    ['in JSON', json],
    ['in JSON within JSON', JSON.stringify(json).slice(1, -1)],
    ['in a URL', encodeURIComponent(secret)],
    ['in a form', new URLSearchParams({ '': secret }).toString().slice(1)],
    ['on a page', secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
    ...['', 'x', 'xx'].flatMap((before, shift): [string, string][] => {
      const text = Buffer.from(before + secret).toString('base64');
      const whole = Math.floor((before.length + Buffer.byteLength(secret)) / 3) * 4;
      const core = text.slice(shift === 0 ? 0 : 4, whole);
      return [
        ['in base64', core],
        ['in base64 of a URL', core.replaceAll('+', '-').replaceAll('/', '_')],
      ];
    }),
  ];
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : everythingIn(value);
}

function everythingIn(value: unknown): string {
  const shown = inspect(value, {
    depth: 20,
    maxArrayLength: null,
    maxStringLength: null,
    showHidden: true,
    breakLength: 120,
  });
  try {
    return `${shown}\n${JSON.stringify(value)}`;
  } catch {
    return shown; // a cycle: JSON has no words for it, and inspect has shown it
  }
}
