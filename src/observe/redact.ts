const REDACTED = '[redacted]';

/** A value that follows a key: up to white space, a quote, or what ends it in a URL or JSON. */
const VALUE = String.raw`[^\s"'\\&,;{}[\])<>]+`;

/** From key to value: `=`, `:`, `%3D`, with JSON quotes, escaped or not. */
const ASSIGN = String.raw`(?:\\{0,7}["'])?\s{0,4}(?:=|:|%3D)\s{0,4}(?:\\{0,7}["'])?`;

/** Keys whose value is a secret in whatever notation. */
const SECRET_KEYS =
  'app_?secret|client_?secret|client_?assertion|access_?key|(?:tenant_|app_|user_)?access_token|refresh_token';

const RULES: readonly (readonly [RegExp, string])[] = [
  [new RegExp(String.raw`\b(authorization${ASSIGN})(?:(?:bearer|basic)\s{1,4})?${VALUE}`, 'gi'), `$1${REDACTED}`],
  // Eight characters at least: "bearer token" in a sentence is no secret.
  [/\b(bearer\s{1,4})[\w.~+/=-]{8,}/gi, `$1${REDACTED}`],
  [new RegExp(`((?:${SECRET_KEYS})${ASSIGN})${VALUE}`, 'gi'), `$1${REDACTED}`],
  // `ticket:` in a sentence is a word; `ticket=` and `"ticket":"` are not.
  [new RegExp(String.raw`\b(ticket(?:=|%3D|\\{0,7}["']\s{0,4}:\s{0,4}\\{0,7}["']))${VALUE}`, 'gi'), `$1${REDACTED}`],
  // The platform's tokens: tenant t-, user u-, app a-. With a digit, so that no hyphenated word is taken for one.
  [/(?<![\w-])[tua]-(?=[a-z_.-]{0,64}\d)[\w.-]{16,}/gi, REDACTED],
  // A JSON Web Token, whose header always starts with {".
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, REDACTED],
  // A password in a URL, as in a proxy's.
  [/(\/\/)[^\s/:@"']{1,256}:[^\s/@"']{1,256}@/g, `$1${REDACTED}@`],
];

/**
 * Takes secrets out of a text: tickets, access keys, app secrets, tokens, Authorization headers, passwords in URLs.
 * A second line of defence for logs and spans: what reaches it should hold none to begin with. JSON stays JSON.
 * Applied twice, the answer is the same.
 */
export function redact(text: string): string {
  let clean = text;
  for (const [pattern, replacement] of RULES) clean = clean.replace(pattern, replacement);
  return clean;
}
