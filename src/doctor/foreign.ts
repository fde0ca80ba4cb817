import { z } from 'zod';
import { printable } from './words.js';

// What listens on a port is not known before it is asked: whatever of an answer is shown or reckoned with passes here.

/** A text for people, made fit for one line of a terminal. */
export const text = z.string().transform(printable);
/** Epoch milliseconds, no more than a `Date` can hold. */
export const momentMs = z.number().min(0).max(8_640_000_000_000_000);
/** In milliseconds. */
export const spanMs = z.number().min(0);
export const count = z.number().int().min(0);

/** What a body says; undefined, which no shape fits, for what is no JSON. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
