import { learnSecret } from './redact.js';

/** A shorter part of a path is a word: `/hooks`. */
const SHORTEST_SEGMENT = 16;

/**
 * Learns of a URL that may hold a secret what may be it: user, password, long parts of its path, its query. Its host is
 * none, and is needed in messages.
 */
export function learnUrlSecrets({ username, password, pathname, searchParams, hash }: URL): void {
  const segments = pathname.split('/').filter(({ length }) => length >= SHORTEST_SEGMENT);
  for (const part of [username, password, ...segments, hash.slice(1)]) {
    learnSecret(part);
    learnSecret(decoded(part));
  }
  for (const text of searchParams.values()) learnSecret(text);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a % that escapes nothing: it stands for itself
  }
}
