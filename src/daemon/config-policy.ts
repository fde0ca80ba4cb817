import type { Backoff } from '../ports/index.js';

/** A policy's changes as the library takes them: a backoff that is given in part keeps the rest of its default. */
export function policyOf<Policy extends object>(raw: object | undefined, defaults: Policy): Partial<Policy> {
  const changes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(raw ?? {})) {
    if (value === undefined) continue;
    const whole: unknown = Object.entries(defaults).find(([key]) => key === name)?.[1];
    changes[name] = isBackoff(whole) ? { ...whole, ...value } : value;
  }
  return changes as Partial<Policy>;
}

function isBackoff(value: unknown): value is Backoff {
  return typeof value === 'object' && value !== null && 'jitter' in value;
}
