import type { StoreChange } from '../ports/index.js';

/**
 * A change as the journal asks for it, thousands of times a second. A class, since V8 watches where literals are made: of
 * those that live as long as a commit takes, it makes the next ones in the old generation, where they outlive what they
 * belong to.
 */
export class Change implements StoreChange {
  readonly table: string;
  readonly key: string;
  readonly value: Uint8Array | null;

  constructor(table: string, key: string, value: Uint8Array | null) {
    this.table = table;
    this.key = key;
    this.value = value;
  }
}
