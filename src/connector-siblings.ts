import type { Clock } from './ports/index.js';

/** A connector, as its siblings see it: told when one of them was let in. */
export type Sibling = () => void;

// Siblings live in one time and talk to one platform. The clock is part of the key so that simulated worlds, which all
// know the same names, stay apart from each other and from the real one.
const families = new WeakMap<Clock, Map<string, Set<Sibling>>>();

/** The connectors of this process that talk to the same platform: what one of them finds out is evidence for the rest. */
export class Siblings {
  readonly #family: Set<Sibling>;
  readonly #self: Sibling;

  constructor(clock: Clock, baseUrl: string, self: Sibling) {
    const byUrl = families.get(clock) ?? new Map<string, Set<Sibling>>();
    families.set(clock, byUrl);
    const family = byUrl.get(baseUrl) ?? new Set<Sibling>();
    byUrl.set(baseUrl, family);
    this.#family = family;
    this.#self = self;
  }

  join(): void {
    this.#family.add(this.#self);
  }

  leave(): void {
    this.#family.delete(this.#self);
  }

  /** Tells all others that the platform let us in. */
  announce(): void {
    for (const sibling of this.#family) if (sibling !== this.#self) sibling();
  }
}
