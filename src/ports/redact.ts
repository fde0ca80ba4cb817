import { KnownSecrets } from './known-secrets.js';

const REDACTED = '[redacted]';

/** A value that follows a key: up to white space, a quote, or what ends it in a URL or JSON. */
const VALUE = String.raw`[^\s"'\\&,;{}[\])<>]+`;

/** From key to value: `=`, `:`, `%3D`, with JSON quotes, escaped or not. */
const ASSIGN = String.raw`(?:\\{0,7}["'])?\s{0,4}(?:=|:|%3D)\s{0,4}(?:\\{0,7}["'])?`;

/** Keys whose value is a secret in whatever notation. */
const SECRET_KEYS =
  'app[_-]?secret|client[_-]?secret|client_?assertion|access[_-]?key|(?:tenant_|app_|user_)?access_token|refresh_token|encrypt[_-]?key|verification[_-]?token|api[_-]?key';

/** Keys that are words as well, as in `ticket: none came`: their value is a secret behind `ticket=` and `"ticket":"`. */
const SECRET_WORDS = 'ticket|token|secret|password|passwd|passphrase';
const STRICT_ASSIGN = String.raw`(?:(?:=|%3D)(?:\\{0,7}["'])?|\\{0,7}["']\s{0,4}:\s{0,4}\\{0,7}["'])`;

const RULES: readonly (readonly [RegExp, string])[] = [
  // A private key, whole or cut off, in JSON too.
  [
    /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:(?!-----END )(?:\\{1,8}[nr]|[^"'\\]))*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g,
    REDACTED,
  ],
  [
    new RegExp(
      String.raw`\b(authorization${ASSIGN})(?:(?:bearer|basic|digest|token|api-?key|negotiate)\s{1,4})?${VALUE}`,
      'gi',
    ),
    `$1${REDACTED}`,
  ],
  // Eight characters at least: "bearer token" in a sentence is no secret.
  [/\b(bearer\s{1,4})[\w.~+/=-]{8,}/gi, `$1${REDACTED}`],
  // Base64 of user and password has digits and capitals, or padding; "basic authentication" has not.
  [/\b([Bb]asic\s{1,4})(?=[\w+/-]{0,200}[\d=])(?=[\w+/-]{0,200}[A-Z])[\w+/-]{8,}={0,2}/g, `$1${REDACTED}`],
  [new RegExp(`((?:${SECRET_KEYS})${ASSIGN})${VALUE}`, 'gi'), `$1${REDACTED}`],
  [new RegExp(`\\b((?:${SECRET_WORDS})${STRICT_ASSIGN})${VALUE}`, 'gi'), `$1${REDACTED}`],
  // The platform's tokens: tenant t-, user u-, app a-. With a digit, so that no hyphenated word is taken for one.
  [/(?<![\w-])[tua]-(?=[a-z_.-]{0,64}\d)[\w.-]{16,}/gi, REDACTED],
  // A JSON Web Token, whose header always starts with {".
  [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, REDACTED],
  // The secret of a webhook, and the seed of an nkey.
  [/\bwhsec_[\w+/=-]{16,}/g, REDACTED],
  [/\bS[A-Z2-7]{57}\b/g, REDACTED],
  // A password in a URL, as in a proxy's or a database's; of one alone, what is too long for a name.
  [/(\/\/)(?:[^\s/:@"']{0,256}:[^\s/@"']{1,256}|[^\s/:@"']{16,256})@/g, `$1${REDACTED}@`],
];

/**
 * One for the whole process, as its outputs are: the line that tells of an uncaught exception belongs to no app, and
 * must not hold the secret of any.
 */
const KNOWN = new KnownSecrets();

/** Whatever is redacted from now on does not hold this text. To be called where a secret comes in, each time it is used. */
export function learnSecret(secret: string): void {
  KNOWN.learn(secret);
}

/** The same of what the platform hands out for a while: tickets and tokens. They push no secret out that lasts. */
export function learnPassingSecret(secret: string): void {
  KNOWN.learn(secret, 'passing');
}

/**
 * Takes secrets out of a text: those that were learned, in whatever notation, and what looks like one: tickets, access
 * keys, app secrets, tokens, Authorization headers, passwords in URLs. A second line of defence for logs and spans: what
 * reaches it should hold none to begin with. JSON stays JSON. Applied twice, the answer is the same.
 *
 * To be applied before a text is cut: half a secret looks like none.
 */
export function redact(text: string): string {
  let clean = KNOWN.strikeOut(text, REDACTED);
  for (const [pattern, replacement] of RULES) clean = clean.replace(pattern, replacement);
  return clean;
}

const LINE_MAX_LENGTH = 200;
/** More than this is not searched for secrets, nor shown: a line of 200 characters never gets that far. */
const SEARCHED_LENGTH = 16_384;

/** The first line of what somebody's code threw, bounded and redacted: stacks and dumps of bodies begin on the second. */
export function firstLineOf(thrown: unknown): string {
  const line = redact(
    textOf(thrown)
      .slice(0, SEARCHED_LENGTH)
      .split(/[\r\n]/, 1)[0] ?? '',
  );
  return line.length > LINE_MAX_LENGTH ? `${line.slice(0, LINE_MAX_LENGTH - 1)}…` : line;
}

function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message || thrown.name) : String(thrown);
  } catch {
    // A getter or toString of the user's that throws itself; there is nothing more to tell about it.
    return 'something that cannot be shown was thrown';
  }
}
