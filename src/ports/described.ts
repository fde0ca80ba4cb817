import { redact } from './redact.js';

const LONGEST_GIVEN = 80;

/** A value in few words, for messages about options. Text is quoted only where that gives nothing away. */
export function described(value: unknown, isSecret = false): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'an empty value';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a mapping';
  if (isSecret) return typeof value === 'string' ? `text of ${value.length} characters` : `a ${typeof value}`;
  // A secret that landed under the wrong key is as secret as elsewhere.
  if (typeof value === 'string' && looksLikeSecret(value)) return `text of ${value.length} characters (a secret?)`;
  if (typeof value === 'number') return String(value); // JSON has no infinity, and calls it null
  const text = redact(JSON.stringify(value) ?? `a ${typeof value}`);
  return text.length > LONGEST_GIVEN ? `${text.slice(0, LONGEST_GIVEN)}…` : text;
}

/** App secrets are 32 letters and digits, and so is nothing else that one writes into a configuration; or what {@link redact} knows. */
export function looksLikeSecret(text: string): boolean {
  const trimmed = text.trim();
  return /^[A-Za-z0-9]{32}$/.test(trimmed) || (trimmed !== '' && redact(trimmed) === '[redacted]');
}
