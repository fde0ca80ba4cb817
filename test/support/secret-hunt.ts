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
    return Object.entries(places).flatMap(([place, value]) => {
      const text = textOf(value);
      return [...this.#secrets].flatMap(([secret, kind]) => {
        const found = foundIn(text, secret);
        return found === null
          ? []
          : [{ place, kind, how: found.how, after: text.slice(Math.max(0, found.at - 60), found.at) }];
      });
    });
  }
}

interface Found {
  readonly how: string;
  readonly at: number;
}

/** The secret whole, in whatever notation, or one of its ends. */
function foundIn(text: string, secret: string): Found | null {
  // Most notations of most secrets are the same: to look for each once is half of the time.
  const searched = new Set<string>();
  for (const [how, form] of notationsOf(secret)) {
    if (searched.has(form)) continue;
    searched.add(form);
    const at = text.indexOf(form);
    if (at >= 0) return { how, at };
  }
  // Digits and letters a to f are the ids of everything: of those, more than eight must fit before it is no chance.
  const length = /^[0-9a-f-]+$/.test(secret) ? 10 : 8;
  return (
    endIn(text, 'its beginning', secret.slice(0, length), (at) => !isWord(text[at - 1])) ??
    endIn(text, 'its end', secret.slice(-length), (at) => !isWord(text[at + length]))
  );
}

function endIn(text: string, how: string, end: string, isItself: (at: number) => boolean): Found | null {
  for (let at = text.indexOf(end); at >= 0; at = text.indexOf(end, at + 1)) if (isItself(at)) return { how, at };
  return null;
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
