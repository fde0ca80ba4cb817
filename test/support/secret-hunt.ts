import { inspect } from 'node:util';
import type { Dial, Http } from '../../src/ports/index.js';

/** Where a secret was found: never the secret itself, as this ends in the output of a failed test. */
export interface Leak {
  readonly place: string;
  readonly kind: string;
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

  /** Searches values of any shape, errors and their causes included, as deep as they go. */
  leaksIn(places: Readonly<Record<string, unknown>>): Leak[] {
    return Object.entries(places).flatMap(([place, value]) => {
      const text = typeof value === 'string' ? value : everythingIn(value);
      return [...this.#secrets].flatMap(([secret, kind]) => {
        const at = text.indexOf(secret);
        return at < 0 ? [] : [{ place, kind, after: text.slice(Math.max(0, at - 60), at) }];
      });
    });
  }
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
