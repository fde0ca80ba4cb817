import type { Store } from '../ports/index.js';
import { numberOfKey } from './journal-key.js';

/** The highest number that a row of this table goes by, 0 if none does. Keys of others' making may sort behind it. */
export function lastNumberIn(store: Pick<Store, 'range'>, table: string): number {
  for (const [key] of store.range(table, { isReversed: true })) {
    const number = numberOfKey(key);
    if (!Number.isNaN(number)) return number;
  }
  return 0;
}
