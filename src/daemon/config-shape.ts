import { z } from 'zod';
import { JITTERS } from '../ports/index.js';

/** Waits between tries. What is left out keeps its default. */
const backoff = z.strictObject({
  initialMs: z.number().optional(),
  maxMs: z.number().optional(),
  factor: z.number().optional(),
  jitter: z.enum(JITTERS).optional(),
  scheduleMs: z.array(z.number()).optional(),
});

export const BACKOFF_KEYS = Object.keys(backoff.shape);

/**
 * One of the library's policies: the same names, each optional. Here only the shape is checked; the bounds are the
 * rooms' own, see `checkPolicies`.
 */
export function policy(defaults: object) {
  const shape: Record<string, z.ZodType> = {};
  for (const [name, value] of Object.entries(defaults)) shape[name] = optionLike(value).optional();
  return z.strictObject(shape);
}

function optionLike(value: unknown): z.ZodType {
  if (typeof value === 'number') return z.number();
  if (typeof value === 'string') return z.string();
  if (typeof value === 'boolean') return z.boolean();
  // Null stands for "no limit" and the like: what else it may be is the room's to say.
  return value === null ? z.unknown() : backoff;
}
