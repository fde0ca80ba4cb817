import { learnSecret } from './redact.js';

/** Nothing shorter is a key, but a word: `/hooks`, `env=production`. */
const SHORTEST_KEY = 16;
/** `feishu-connector` is no key either: a log from which it is struck out tells nothing any more. */
const WORDS = /^[a-z]+(?:[-_.][a-z]+)*$/;
/** Parameters whose value is a secret however it looks. */
const SECRET_PARAMETER = /key|token|secret|sig|code|auth|pass|pwd|cred/i;

/**
 * Learns of a URL that may hold a secret what may be it: the password, a user that stands alone, long parts of its path that
 * are no words, and of its query such, and what is named like a secret. Its host is none, and is needed in messages.
 */
export function learnUrlSecrets({ username, password, pathname, searchParams, hash }: URL): void {
  const parameters = [...searchParams];
  const secrets = [
    password,
    password === '' ? username : '',
    ...parameters.flatMap(([name, value]) => (SECRET_PARAMETER.test(name) ? [value] : [])),
  ];
  const others = [username, ...pathname.split('/'), ...parameters.map(([, value]) => value), hash.slice(1)];
  for (const part of [...secrets, ...others.filter(isLikeKey)]) {
    learnSecret(part);
    learnSecret(decoded(part));
  }
}

function isLikeKey(part: string): boolean {
  return part.length >= SHORTEST_KEY && !WORDS.test(part);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a % that escapes nothing: it stands for itself
  }
}
